import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { finished } from "node:stream/promises";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import type { HttpEvents } from "./http-options.ts";
import { DECISION_CODE, Problem, toProblem } from "./problem.ts";

/** Makes what answers an error, whichever it is, and counts what was refused unless `isNews` says it was told already. */
export function errorAnswerer(events: HttpEvents, isNews: (socket: Socket) => boolean) {
  return async (
    error: FastifyError,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> => {
    const problem = toProblem(error);
    if (problem === null) events.failed(error);
    const told =
      problem ?? new Problem(500, "INTERNAL", "something is wrong here; try again later");
    const isRefusal = told.code !== DECISION_CODE;
    if (isRefusal && isNews(request.raw.socket)) events.refused({ reason: told.code });
    if (told.retryAfterSeconds !== null)
      reply.header("retry-after", String(told.retryAfterSeconds));
    if (told.status === 401) reply.header("www-authenticate", "Bearer");
    if (!(await drain(request.raw))) reply.header("connection", "close");
    return await reply.code(told.status).type("application/problem+json").send(told.toBody());
  };
}

/** For so long the rest of a refused body is read and thrown away: a client that still sends would not hear the answer. */
const DRAIN_MS = 2000;

/** @returns whether the whole body has come, so that the connection can be used again */
async function drain(body: IncomingMessage): Promise<boolean> {
  if (body.complete || body.destroyed) return body.complete;
  body.resume();
  await finished(body, { signal: AbortSignal.timeout(DRAIN_MS) }).catch(() => undefined); // told by `complete`
  return body.complete;
}
