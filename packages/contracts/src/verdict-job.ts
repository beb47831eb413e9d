import { z } from "zod";
import {
  ensembleNameSchema,
  policyNameSchema,
  rootNameSchema,
  sha256Schema,
  sourceNameSchema,
} from "./brand.ts";
import { chunkIdSchema, laneSchema, type ChunkId } from "./chunk-job.ts";
import { classificationSchema } from "./classification.ts";
import { objectRefSchema } from "./object-ref.ts";

export const outcomeSchema = z.object({
  object: objectRefSchema,
  classification: classificationSchema,
});
/** One object's classification: data, also when something went wrong with that object. */
export type Outcome = z.infer<typeof outcomeSchema>;

/** A finished chunk: what its worker found, on its way to moderation. */
export const verdictJobSchema = z.object({
  v: z.literal(1),
  chunkId: chunkIdSchema,
  lane: laneSchema,
  source: sourceNameSchema,
  root: rootNameSchema,
  policy: policyNameSchema,
  ensemble: ensembleNameSchema,
  /** Digest of members, weights, preprocessing and fusion that produced the outcomes. */
  ensembleDigest: sha256Schema,
  worker: z.string().min(1).max(256),
  classifiedAtMs: z.number().int().nonnegative(),
  /** As in the chunk. */
  wantsAnswers: z.literal(true).optional(),
  outcomes: z.array(outcomeSchema).min(1),
});
export type VerdictJob = z.infer<typeof verdictJobSchema>;

/** Id of the verdict job of a chunk: deterministic, so that a repeated chunk gives no second job. */
export function deriveVerdictJobId(chunkId: ChunkId): string {
  return `v-${chunkId}`;
}
