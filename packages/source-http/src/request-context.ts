import type { FastifyReply, FastifyRequest } from "fastify";
import type { ApiKey } from "./http-options.ts";

const keys = new WeakMap<FastifyRequest, ApiKey | null>();

export function rememberKey(request: FastifyRequest, key: ApiKey | null): void {
  keys.set(request, key);
}

/** Who asks; null where no keys are configured. */
export function keyOf(request: FastifyRequest): ApiKey | null {
  return keys.get(request) ?? null;
}

/**
 * Ends a wait when its time is over or the client has gone. The response is listened to, not the connection, which may carry many
 * requests and would collect listeners.
 */
export function waitSignal(reply: FastifyReply, waitMs: number): AbortSignal {
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  return waitMs === 0
    ? AbortSignal.abort()
    : AbortSignal.any([AbortSignal.timeout(waitMs), gone.signal]);
}
