import { z } from "zod";
import { sha256Schema } from "./brand.ts";

/**
 * Why an image could not be classified. Each is a named cause with its own configured action; none is "clean".
 * Listed with causes and remedies in docs/unscannable.md.
 */
export const unscannableReasonSchema = z.enum([
  "empty",
  "not-an-image",
  "unsupported-format",
  "codec-missing",
  "truncated",
  "corrupt",
  "too-many-bytes",
  "too-many-pixels",
  "too-many-frames",
  "hidden-frames",
  "unreadable",
  "timeout",
  "out-of-memory",
  "crashed-engine",
  "model-failure",
]);
export type UnscannableReason = z.infer<typeof unscannableReasonSchema>;

/** Score of one label: a probability from 0 to 1; for animations the highest over all frames. */
export const labelScoreSchema = z.object({
  label: z.string().min(1).max(512),
  /** Position of the label in the model's output, from 0. */
  classId: z.number().int().nonnegative(),
  score: z.number().min(0).max(1),
  /** Frame that scored highest, from 0; left out for still images. */
  frame: z.number().int().nonnegative().optional(),
});
export type LabelScore = z.infer<typeof labelScoreSchema>;

export const memberScoresSchema = z.object({
  model: z.string().min(1).max(256),
  digest: sha256Schema,
  scores: z.array(labelScoreSchema),
});
export type MemberScores = z.infer<typeof memberScoresSchema>;

/** Most numbers of an embedding; at that an outcome takes 11 KB, and a chunk of 256 takes 3 MB. */
export const MAX_EMBEDDING_DIMENSIONS = 4096;

/** What one member sees in a picture, for search and for models of one's own; for animations the mean over all frames. */
export const embeddingSchema = z.object({
  model: z.string().min(1).max(256),
  digest: sha256Schema,
  dimensions: z.number().int().positive().max(MAX_EMBEDDING_DIMENSIONS),
  /** Base64 of `dimensions` little-endian float16, all finite, not normalised. */
  f16: z.base64().max(4 * Math.ceil((2 * MAX_EMBEDDING_DIMENSIONS) / 3)),
});
export type Embedding = z.infer<typeof embeddingSchema>;

/** The ensemble's outcome for one content. */
export const classificationSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("classified"),
    sha256: sha256Schema,
    sizeBytes: z.number().int().positive(),
    /** Decoder's name of the format: jpeg, png, webp, gif, heif (AVIF), tiff. */
    format: z.string().min(1).max(32),
    /** Pixels, after orientation. */
    width: z.number().int().positive(),
    height: z.number().int().positive(),
    /** That the picture has. */
    frames: z.number().int().positive(),
    /** How many of them were looked at; left out: all. */
    framesSeen: z.number().int().positive().optional(),
    /** True when only the tolerant decoder could read it, as browsers do. */
    isDamaged: z.boolean(),
    /** Fused scores, highest first; labels below the ensemble's `scoreFloor` are left out. */
    scores: z.array(labelScoreSchema),
    members: z.array(memberScoresSchema),
    /** Only of ensembles with a cascade: the stage that decided, from 1, of how many. Members of later ones did not run. */
    cascade: z
      .object({ stage: z.number().int().positive(), stages: z.number().int().positive() })
      .optional(),
    /** Only where the ensemble names a member for it. */
    embedding: embeddingSchema.optional(),
  }),
  z.object({
    kind: z.literal("unscannable"),
    reason: unscannableReasonSchema,
    /** For people; never parsed. */
    detail: z.string().max(1000),
    /** Hash of the bytes where they could be read. */
    sha256: sha256Schema.optional(),
  }),
  z.object({
    kind: z.literal("gone"),
    /** `missing`: no such object any more; `changed`: another version lies there and has its own job. */
    reason: z.enum(["missing", "changed"]),
  }),
]);
export type Classification = z.infer<typeof classificationSchema>;
export type Classified = Extract<Classification, { kind: "classified" }>;
export type Unscannable = Extract<Classification, { kind: "unscannable" }>;
