import { createHash } from "node:crypto";
import { z } from "zod";
import {
  ensembleNameSchema,
  policyNameSchema,
  rootNameSchema,
  sourceNameSchema,
  type EnsembleName,
  type PolicyName,
  type RootName,
  type SourceName,
} from "./brand.ts";
import { objectRefSchema, type ObjectRef } from "./object-ref.ts";

/** Live: someone is waiting. Bulk: nobody is. Live always goes first. */
export const laneSchema = z.enum(["live", "bulk"]);
export type Lane = z.infer<typeof laneSchema>;

/** Most objects in one chunk, per lane; measured in the design: larger live chunks gain nothing. */
export const MAX_CHUNK_OBJECTS: Readonly<Record<Lane, number>> = { live: 64, bulk: 256 };

/** Begins with a letter because BullMQ refuses ids that are integers; holds no `:` for the same reason. */
export const chunkIdSchema = z
  .string()
  .regex(/^c[0-9a-f]{40}$/u, "expected c and 40 hexadecimal digits")
  .brand<"ChunkId">();
export type ChunkId = z.infer<typeof chunkIdSchema>;

/** A job: a chunk of references to objects of one root, never their bytes. */
export const chunkJobSchema = z.object({
  v: z.literal(1),
  id: chunkIdSchema,
  lane: laneSchema,
  source: sourceNameSchema,
  root: rootNameSchema,
  policy: policyNameSchema,
  ensemble: ensembleNameSchema,
  /** Unix time in milliseconds. */
  enqueuedAtMs: z.number().int().nonnegative(),
  /** Somebody waits for what is decided: the notice to the source carries it. */
  wantsAnswers: z.literal(true).optional(),
  objects: z.array(objectRefSchema).min(1).max(MAX_CHUNK_OBJECTS.bulk),
});
export type ChunkJob = z.infer<typeof chunkJobSchema>;

/** What a chunk is made of; the same content always gives the same id, so that adding twice is harmless. */
export interface ChunkContent {
  readonly source: SourceName;
  readonly root: RootName;
  readonly policy: PolicyName;
  readonly ensemble: EnsembleName;
  readonly objects: readonly ObjectRef[];
}

export function deriveChunkId(content: ChunkContent): ChunkId {
  const hash = createHash("sha256");
  const { source, root, policy, ensemble } = content;
  hash.update(JSON.stringify([source, root, policy, ensemble]));
  for (const { path, version } of content.objects) hash.update(JSON.stringify([path, version]));
  return chunkIdSchema.parse(`c${hash.digest("hex").slice(0, 40)}`);
}
