import { z } from "zod";
import { answerSchema } from "./answer.ts";
import { rootNameSchema, sourceNameSchema } from "./brand.ts";
import { chunkIdSchema, type ChunkId } from "./chunk-job.ts";
import { objectPathSchema } from "./object-path.ts";
import { objectVersionSchema } from "./object-ref.ts";

/** Moderation's notice to ingest: these object versions have their recorded decision. */
export const settledJobSchema = z.object({
  v: z.literal(1),
  chunkId: chunkIdSchema,
  source: sourceNameSchema,
  root: rootNameSchema,
  /** False: recorded, and not carried out yet; for those who wait. The notice that all is done follows. */
  isDone: z.literal(false).optional(),
  objects: z
    .array(
      z.object({
        path: objectPathSchema,
        version: objectVersionSchema,
        /** Where somebody waits for it. */
        answer: answerSchema.optional(),
      }),
    )
    .min(1),
});
export type SettledJob = z.infer<typeof settledJobSchema>;

export function deriveSettledJobId({
  chunkId,
  isDone,
}: {
  readonly chunkId: ChunkId;
  readonly isDone?: false | undefined;
}): string {
  return isDone === false ? `a-${chunkId}` : `s-${chunkId}`;
}
