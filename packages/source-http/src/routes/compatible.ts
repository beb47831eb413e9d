import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Answer } from "@sluice/contracts";
import { z } from "zod";
import { requireScope } from "../authenticate.ts";
import type { HttpServerOptions } from "../http-options.ts";
import { DECISION_CODE, Problem } from "../problem.ts";
import { readUploads } from "../read-uploads.ts";
import { keyOf, waitSignal } from "../request-context.ts";
import { takeUploads } from "../take-uploads.ts";

const predictionSchema = z.object({
  class: z.number().int(),
  label: z.string(),
  probability: z.number(),
});

/** What small classification services answer, under the names that their clients look for. */
export const predictionsSchema = z.object({
  /** The most likely class. */
  prediction: z.number().int(),
  predicted_class: z.number().int(),
  label: z.string(),
  confidence: z.number(),
  /** Most likely first. */
  predictions: z.array(predictionSchema),
  decision: z.string(),
});

/** `/predict` and `/classify` as the well-known small services have them, and the yes-or-no hook. */
export function addCompatibleRoutes(app: FastifyInstance, options: HttpServerOptions): void {
  for (const path of ["/predict", "/classify"]) {
    app.post(path, async (request, reply) => {
      requireScope(keyOf(request), "classify");
      const answer = await answerOne(request, reply, options);
      if (answer.unscannable !== null) {
        const detail = `expected a picture, and it could not be scanned: ${answer.unscannable}`;
        throw new Problem(422, "NOT_SCANNED", detail);
      }
      return toPredictions(answer);
    });
  }
  app.post("/v1/scan", async (request, reply) => {
    requireScope(keyOf(request), "scan");
    const { decision, rule } = await answerOne(request, reply, options);
    reply.header("x-sluice-decision", decision);
    if (decision === "allow") return await reply.code(204).send();
    const label = rule.label === undefined ? rule.kind : `${rule.kind} ${rule.label}`;
    throw new Problem(options.refusalStatus, DECISION_CODE, `${decision}: ${label}`);
  });
  app.get("/health", () => ({ status: "healthy" }));
}

/** The answer to the one upload of a request. @throws Problem, 503 when it does not come in time */
async function answerOne(
  request: FastifyRequest,
  reply: FastifyReply,
  { desk, limits }: HttpServerOptions,
): Promise<Answer> {
  const [taken, ...others] = await takeUploads(
    readUploads(request, { limits, references: null }),
    desk,
  );
  if (taken === undefined) throw new Problem(400, "UPLOAD_MISSING", "expected an upload");
  if (taken.kind === "refused") throw taken.problem;
  if (others.length > 0) {
    // One answer for several pictures would let a forbidden one through behind a harmless one.
    throw new Problem(400, "UPLOADS_SEVERAL", "expected one upload; send several to /v1/classify");
  }
  const answer = await desk.wait(taken.upload.id, waitSignal(reply, limits.maxWaitMs));
  if (answer !== null) return answer;
  throw new Problem(503, "ANSWER_LATE", "no answer in time; it is decided later", {
    retryAfterSeconds: 5,
  });
}

function toPredictions({ scores, decision }: Answer): z.infer<typeof predictionsSchema> {
  const [best] = scores;
  if (best === undefined) throw new Problem(422, "NOT_SCANNED", "no label reached the score floor");
  return {
    prediction: best.classId,
    predicted_class: best.classId,
    label: best.label,
    confidence: best.score,
    predictions: scores.map(({ classId, label, score }) => ({
      class: classId,
      label,
      probability: score,
    })),
    decision,
  };
}
