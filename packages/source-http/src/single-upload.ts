import type { Answer } from "@sluice/contracts";
import type { AcceptedUpload } from "@sluice/sources";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { HttpServerOptions } from "./http-options.ts";
import { Problem } from "./problem.ts";
import { readUploads } from "./read-uploads.ts";
import { waitSignal } from "./request-context.ts";
import { takeUploads } from "./take-uploads.ts";

/** Takes in the one upload of a request. @throws Problem */
export async function takeOnlyUpload(
  request: FastifyRequest,
  { desk, limits }: HttpServerOptions,
): Promise<AcceptedUpload> {
  const [taken, ...others] = await takeUploads(
    readUploads(request, { limits, references: null }),
    desk,
  );
  if (taken === undefined) throw new Problem(400, "UPLOAD_MISSING", "expected an upload");
  if (taken.kind === "refused") throw taken.problem;
  if (others.length === 0) return taken.upload;
  // One answer for several pictures would let a forbidden one through behind a harmless one.
  throw new Problem(400, "UPLOADS_SEVERAL", "expected one upload; send several to /v1/classify");
}

/** @throws Problem 503 when the answer does not come in time */
export async function answerTo(
  { id }: AcceptedUpload,
  reply: FastifyReply,
  { desk, limits }: HttpServerOptions,
): Promise<Answer> {
  const answer = await desk.wait(id, waitSignal(reply, limits.maxWaitMs));
  if (answer !== null) return answer;
  throw new Problem(503, "ANSWER_LATE", "no answer in time; it is decided later", {
    retryAfterSeconds: 5,
  });
}
