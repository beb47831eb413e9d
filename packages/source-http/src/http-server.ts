import type { Socket } from "node:net";
import multipart from "@fastify/multipart";
import rateLimit from "@fastify/rate-limit";
import { fastify, type FastifyInstance, type FastifyRequest } from "fastify";
import { Authenticator } from "./authenticate.ts";
import { errorAnswerer } from "./answer-error.ts";
import { answerBrokenRequest } from "./broken-requests.ts";
import type { HttpServerOptions } from "./http-options.ts";
import { describeApi } from "./openapi.ts";
import { Problem } from "./problem.ts";
import { keyOf, rememberKey } from "./request-context.ts";
import { BASE64_FACTOR, RequestRoom } from "./request-room.ts";
import { addClassifyRoutes } from "./routes/classify.ts";
import { addCompatibleRoutes } from "./routes/compatible.ts";
import { addScanRoutes } from "./routes/scan.ts";

export interface HttpServer extends AsyncDisposable {
  readonly port: number;
}

/** Thrown at start when the port or the certificate cannot be used. */
export class HttpListenError extends Error {
  override readonly name = "HttpListenError";
  readonly code = "HTTP_UNAVAILABLE";
  readonly retryable = false;
  readonly exitCode = 78;
}

/**
 * Serves the API. Uploads that come as bytes go to the desk as they arrive and are never in memory whole.
 *
 * @throws HttpListenError
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  try {
    const app = await buildApp(options);
    await app.listen({ host: options.host, port: options.port });
    const [address] = app.addresses();
    return {
      port: typeof address === "object" ? address.port : options.port,
      [Symbol.asyncDispose]: async () => await app.close(),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new HttpListenError(
      `the HTTP API cannot listen on ${options.host}:${options.port} (${reason}): choose another address or port, or correct the certificate`,
      { cause: error },
    );
  }
}

async function buildApp(options: HttpServerOptions): Promise<FastifyInstance> {
  const { limits, tls, events } = options;
  const { requestTimeoutMs } = limits;
  // Node looks at these only every so often, by default every 30 s, and takes them together.
  const timeouts = {
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(1000, requestTimeoutMs),
  };
  /** Told already; what reads from them fails as well. */
  const broken = new WeakSet<Socket>();
  const answerError = errorAnswerer(events, (socket) => !broken.has(socket));
  const app: FastifyInstance = fastify({
    ...(tls === null ? { http: timeouts } : { https: { ...timeouts, ...tls } }),
    bodyLimit: Math.ceil(limits.maxBytes * BASE64_FACTOR),
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: true,
    clientErrorHandler: (error, socket) => {
      const reason = answerBrokenRequest(error, socket);
      if (reason === null) return;
      broken.add(socket);
      events.refused({ reason });
    },
    frameworkErrors: (error, request, reply) => {
      void answerError(error, request, reply);
    },
    routerOptions: { maxParamLength: 100 },
    logger: false,
  });
  app.server.maxConnections = limits.maxConnections;
  app.server.on("drop", () => events.refused({ reason: "TOO_MANY_CONNECTIONS" }));
  app.setErrorHandler(answerError);
  addTelling(app, options);
  addBodies(app);
  await app.register(multipart);
  addGuards(app, options);
  await addRateLimit(app, options);
  addClassifyRoutes(app, options);
  addScanRoutes(app, options);
  addCompatibleRoutes(app, options);
  const description = describeApi(options);
  app.get("/openapi.json", () => description);
  return app;
}

/** JSON is read whole, everything else stays a stream. */
function addBodies(app: FastifyInstance): void {
  app.removeContentTypeParser("text/plain");
  const passOn = (_: unknown, payload: unknown, done: (e: null, body: unknown) => void): void =>
    done(null, payload);
  app.addContentTypeParser(/^image\/[\w.+-]+/u, passOn);
  app.addContentTypeParser("application/octet-stream", passOn);
}

/** Who asks is found out first; then whether there is room. */
function addGuards(app: FastifyInstance, { keys, limits }: HttpServerOptions): void {
  const authenticator = new Authenticator(keys);
  const room = new RequestRoom(limits);
  app.addHook("onRequest", (request, _, done) => {
    if (!isPublic(request)) rememberKey(request, authenticator.identify(request));
    const encoding = request.headers["content-encoding"] ?? "identity";
    if (encoding !== "identity") {
      throw new Problem(415, "ENCODING_UNSUPPORTED", "expected a body without content-encoding");
    }
    room.enter(request);
    done();
  });
  app.addHook("onResponse", (request, _, done) => {
    room.leave(request);
    done();
  });
  app.addHook("onRequestAbort", (request, done) => {
    room.leave(request);
    done();
  });
}

function isPublic({ url }: FastifyRequest): boolean {
  return url === "/health" || url === "/openapi.json";
}

/** Per key; without keys per address. */
async function addRateLimit(app: FastifyInstance, { keys }: HttpServerOptions): Promise<void> {
  if (keys.length === 0) return;
  await app.register(rateLimit, {
    hook: "preParsing",
    timeWindow: 60_000,
    max: (request) => keyOf(request)?.perMinute ?? 600,
    keyGenerator: (request) => keyOf(request)?.name ?? "public",
    errorResponseBuilder: (_, { ttl, max }) =>
      new Problem(429, "RATE_EXCEEDED", `this key may ask ${max} times a minute`, {
        retryAfterSeconds: Math.ceil(ttl / 1000),
      }),
  });
}

function addTelling(app: FastifyInstance, { events }: HttpServerOptions): void {
  app.setNotFoundHandler(() => {
    throw new Problem(404, "ROUTE_UNKNOWN", "see /openapi.json for what there is");
  });
  app.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "unknown";
    events.answered({ route, status: reply.statusCode, durationMs: reply.elapsedTime });
    done();
  });
}
