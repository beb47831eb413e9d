import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Registry } from "prom-client";
import { writeRunFile } from "./run-file.ts";

export interface ReadinessReport {
  readonly isReady: boolean;
  /** One entry per thing that must work, with what is wrong or "ok". */
  readonly checks: Readonly<Record<string, string>>;
}

export interface HealthServerOptions {
  readonly host: string;
  /** 0: a free port, told by `port` and by the run file. */
  readonly port: number;
  readonly registry: Registry;
  readonly readiness: () => ReadinessReport | Promise<ReadinessReport>;
  /** Name of the process; the run file is `<runDir>/<name>.json`. */
  readonly name: string;
  readonly runDir: string;
}

export interface HealthServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
}

/** Thrown at start when the health port is taken or the address is not ours. */
export class HealthPortError extends Error {
  override readonly name = "HealthPortError";
  readonly code = "HEALTH_PORT_UNAVAILABLE";
  readonly retryable = false;
  readonly exitCode = 78;
}

/** Probes and scrapers are few; more connections than this are somebody's mistake and are dropped. */
const MAX_CONNECTIONS = 100;
/** A check that hangs is an answer too: not ready. Below the time-outs of common probes. */
const READINESS_TIMEOUT_MS = 1000;

/**
 * Serves `/livez` (the event loop answers; nothing else is asked, so that an outage of Redis restarts
 * no process), `/readyz` (503 with reasons until everything works) and `/metrics` (Prometheus text).
 *
 * @throws HealthPortError, RunFileError
 */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch((error: unknown) => {
      if (!response.headersSent) send(response, 500, { error: String(error) });
      else response.destroy();
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  await using starting = new AsyncDisposableStack();
  starting.defer(async () => await close(server));
  const port = await listen(server, options);
  const { host, name, runDir } = options;
  starting.use(await writeRunFile({ runDir, name, host, port }));
  const stack = starting.move();
  return {
    port,
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    [Symbol.asyncDispose]: async () => await stack.disposeAsync(),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { registry, readiness }: HealthServerOptions,
): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    return send(response, 405, { error: "expected GET or HEAD" });
  }
  const [path] = (request.url ?? "/").split("?");
  switch (path) {
    case "/livez":
      return send(response, 200, { status: "alive" });
    case "/readyz": {
      const report = await askReadiness(readiness);
      return send(response, report.isReady ? 200 : 503, report);
    }
    case "/metrics": {
      const text = await registry.metrics();
      response.writeHead(200, { "content-type": registry.contentType });
      response.end(text.endsWith("\n") ? text : `${text}\n`); // the text format wants it
      return;
    }
    default:
      return send(response, 404, { error: "expected /livez, /readyz or /metrics" });
  }
}

/** Whatever happens to a check, a probe gets a report. */
async function askReadiness(readiness: HealthServerOptions["readiness"]): Promise<ReadinessReport> {
  const { promise: timeout, resolve } = Promise.withResolvers<ReadinessReport>();
  const late = { isReady: false, checks: { readiness: `no answer in ${READINESS_TIMEOUT_MS} ms` } };
  const timer = setTimeout(() => resolve(late), READINESS_TIMEOUT_MS);
  try {
    return await Promise.race([(async () => await readiness())(), timeout]);
  } catch (error) {
    return { isReady: false, checks: { readiness: String(error) } };
  } finally {
    clearTimeout(timer);
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(`${JSON.stringify(body)}\n`);
}

async function listen(server: Server, { host, port }: HealthServerOptions): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        new HealthPortError(
          `cannot listen on ${host}:${port} (${error.code ?? error.message}): choose another port under "http" (0 for a free one), or another http.host`,
          { cause: error },
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
  server.unref();
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
