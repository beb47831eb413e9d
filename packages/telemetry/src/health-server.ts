import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import type { Registry } from "prom-client";

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

/**
 * Serves `/livez` (the event loop answers; nothing else is asked, so that an outage of Redis restarts
 * no process), `/readyz` (503 with reasons until everything works) and `/metrics` (Prometheus text).
 */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const server = createServer((request, response) => {
    answer(request.url ?? "/", response, options).catch((error: unknown) => {
      send(response, 500, { error: String(error) });
    });
  });
  const port = await listen(server, options);
  const runFile = await writeRunFile(options, port);
  return {
    port,
    url: `http://${options.host.includes(":") ? `[${options.host}]` : options.host}:${port}`,
    async [Symbol.asyncDispose]() {
      await rm(runFile, { force: true });
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function answer(
  url: string,
  response: ServerResponse,
  { registry, readiness }: HealthServerOptions,
): Promise<void> {
  switch (new URL(url, "http://localhost").pathname) {
    case "/livez":
      return send(response, 200, { status: "alive" });
    case "/readyz": {
      const report = await readiness();
      return send(response, report.isReady ? 200 : 503, report);
    }
    case "/metrics": {
      const text = await registry.metrics();
      response.writeHead(200, { "content-type": registry.contentType });
      response.end(text.endsWith("\n") ? text : `${text}\n`);
      return;
    }
    default:
      return send(response, 404, { error: "expected /livez, /readyz or /metrics" });
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
          `cannot listen on ${host}:${port} (${error.code ?? error.message}): choose another port under "http", or 0 for a free one`,
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

/** Thrown at start when the health port is taken or the address is not ours. */
export class HealthPortError extends Error {
  override readonly name = "HealthPortError";
  readonly code = "HEALTH_PORT_UNAVAILABLE";
  readonly retryable = false;
  readonly exitCode = 78;
}

/** Tells `sluice status` where this process answers. */
async function writeRunFile(
  { name, runDir, host }: HealthServerOptions,
  port: number,
): Promise<string> {
  await mkdir(runDir, { recursive: true });
  const path = join(runDir, `${name}.json`);
  const content = { v: 1, name, pid: process.pid, host, port, startedAtMs: Date.now() };
  await writeFile(`${path}.${process.pid}.tmp`, `${JSON.stringify(content)}\n`);
  await rename(`${path}.${process.pid}.tmp`, path);
  return path;
}
