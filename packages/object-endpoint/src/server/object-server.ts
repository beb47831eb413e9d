import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { ObjectReader, ReadResult } from "@sluice/inference";
import { HASH_HEADER, statusOf, type NoBytes } from "../object-answer.ts";
import type { ObjectKey } from "../signing/object-key.ts";
import { readRequest } from "../signing/object-request.ts";
import { ByteGate } from "./byte-gate.ts";

export interface ObjectServerOptions {
  readonly host: string;
  /** 0: a free port. */
  readonly port: number;
  /** PEM texts; null: plain HTTP, for a loopback or a network that is trusted. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  readonly key: ObjectKey;
  /** Reads the roots that are served; proves version and place of every object. */
  readonly reader: ObjectReader;
  /** Bytes of objects in memory at a time; more requests wait. Too low: workers wait; too high: memory. */
  readonly maxBytesInFlight: number;
  /** Requests that wait for that; more are answered 503, and the worker asks again. */
  readonly maxWaiting: number;
  readonly maxConnections: number;
  /** A connection on which nothing moves for so long is closed. */
  readonly idleTimeoutMs: number;
  readonly nowMs: () => number;
  readonly events: ObjectServerEvents;
}

/** None may throw. */
export interface ObjectServerEvents {
  served(event: { readonly bytes: number; readonly durationMs: number }): void;
  /** The object has no bytes to give; the worker knows why. */
  answeredWithout(event: { readonly kind: NoBytes["kind"]; readonly reason: string }): void;
  /** A request that is not a worker's, or too late, or one too many. */
  refused(event: { readonly reason: RefusalReason }): void;
  /** A bug, or a reader that cannot go on; the worker asks again. */
  failed(error: unknown): void;
}

export type RefusalReason = "method" | "malformed" | "signature" | "expired" | "busy";

export interface ObjectServer extends AsyncDisposable {
  readonly port: number;
}

/** Thrown at start when the port is taken, the address is not ours, or the certificate cannot be used. */
export class ObjectServerError extends Error {
  override readonly name = "ObjectServerError";
  readonly code = "OBJECT_SERVER_UNAVAILABLE";
  readonly retryable = false;
  readonly exitCode = 78;
}

/** Longest time for which a request may be signed; clocks of two hosts may differ by a part of it. */
export const MAX_REQUEST_LIFE_MS = 5 * 60_000;

/** Above the idle time of any worker's connections, so that not we but they close them. */
const KEEP_ALIVE_MS = 65_000;

/**
 * Serves objects to workers that cannot reach the roots themselves. An answer begins when all its bytes have been read and proved, so that
 * what arrives whole is the version that was asked for.
 *
 * @throws ObjectServerError
 */
export async function startObjectServer(options: ObjectServerOptions): Promise<ObjectServer> {
  const gate = new ByteGate({
    maxBytes: options.maxBytesInFlight,
    maxWaiting: options.maxWaiting,
  });
  const server = createListener(options, (request, response) => {
    answer(request, response, { options, gate }).catch((error: unknown) => {
      options.events.failed(error);
      if (response.headersSent) response.destroy();
      else refuse(response, { status: 500, text: "the object cannot be read at present" });
    });
  });
  server.maxConnections = options.maxConnections;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.timeout = options.idleTimeoutMs;
  const port = await listen(server, options);
  return {
    port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections(); // a worker asks again, from whoever is there then
      await closed;
    },
  };
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

function createListener({ tls }: ObjectServerOptions, listener: Listener): Server {
  if (tls === null) return createServer(listener);
  try {
    return createTlsServer(tls, listener);
  } catch (error) {
    throw new ObjectServerError(
      `the certificate of the object endpoint cannot be used (${textOf(error)}): expected a certificate and its private key as PEM files`,
      { cause: error },
    );
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { options, gate }: { options: ObjectServerOptions; gate: ByteGate },
): Promise<void> {
  const { key, reader, nowMs, events } = options;
  const turnAway = (reason: RefusalReason, status: number, text: string): void => {
    events.refused({ reason });
    refuse(response, { status, text });
  };
  if (request.method !== "GET") return turnAway("method", 405, "expected GET");
  const asked = readRequest(request.url ?? "/", {
    key,
    nowMs: nowMs(),
    maxLifeMs: MAX_REQUEST_LIFE_MS,
  });
  if (asked.kind === "refused") {
    const status = asked.reason === "malformed" ? 400 : 403;
    return turnAway(asked.reason, status, REFUSALS[asked.reason]);
  }
  const startedAtMs = nowMs();
  using place = await gate.enter(asked.object.sizeBytes);
  if (place === null) return turnAway("busy", 503, "too many requests wait; ask again");
  const result = await reader.read(asked.root, asked.object);
  await send(response, result);
  if (result.kind === "bytes") {
    events.served({ bytes: result.bytes.length, durationMs: nowMs() - startedAtMs });
  } else {
    events.answeredWithout(result);
  }
}

const REFUSALS = {
  malformed: "expected a signed request for an object",
  signature: "the signature is wrong: ingest and worker must have the same SLUICE_OBJECT_KEY",
  expired: "the request has expired, or the clocks of ingest and worker differ by minutes",
} as const;

/** Returns when the answer has left, or nobody takes it any more: until then its bytes are in memory. */
async function send(response: ServerResponse, result: ReadResult): Promise<void> {
  if (response.destroyed) return;
  const left = new Promise<void>((resolve) => {
    response.once("close", resolve);
  });
  response.setHeader("cache-control", "no-store");
  response.setHeader("x-content-type-options", "nosniff");
  if (result.kind === "bytes") {
    response.writeHead(200, {
      "content-type": "application/octet-stream",
      "content-length": result.bytes.length,
      [HASH_HEADER]: result.sha256,
    });
    response.end(result.bytes);
  } else {
    response.writeHead(statusOf(result), { "content-type": "application/json" });
    response.end(JSON.stringify(result));
  }
  await left;
}

function refuse(
  response: ServerResponse,
  { status, text }: { status: number; text: string },
): void {
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  response.writeHead(status, status === 503 ? { ...headers, "retry-after": "1" } : headers);
  response.end(`${JSON.stringify({ error: text })}\n`);
}

async function listen(server: Server, { host, port }: ObjectServerOptions): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) =>
      reject(
        new ObjectServerError(
          `the object endpoint cannot listen on ${host}:${port} (${textOf(error)}): choose another address or port`,
          { cause: error },
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
