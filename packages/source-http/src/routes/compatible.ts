import type { FastifyInstance } from "fastify";
import type { Answer } from "@sluice/contracts";
import { z } from "zod";
import { requireScope } from "../authenticate.ts";
import type { HttpServerOptions } from "../http-options.ts";
import { Problem } from "../problem.ts";
import { keyOf } from "../request-context.ts";
import { answerTo, takeOnlyUpload } from "../single-upload.ts";

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

/** `/predict` and `/classify` as the well-known small services have them. */
export function addCompatibleRoutes(app: FastifyInstance, options: HttpServerOptions): void {
  for (const path of ["/predict", "/classify"]) {
    app.post(path, async (request, reply) => {
      requireScope(keyOf(request), "classify");
      const answer = await answerTo(await takeOnlyUpload(request, options), reply, options);
      if (answer.unscannable !== null) {
        const detail = `expected a picture, and it could not be scanned: ${answer.unscannable}`;
        throw new Problem(422, "NOT_SCANNED", detail);
      }
      return toPredictions(answer);
    });
  }
  app.get("/health", () => ({ status: "healthy" }));
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
