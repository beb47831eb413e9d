import { z } from "zod";
import { sha256Schema } from "./brand.ts";
import { labelScoreSchema, unscannableReasonSchema } from "./classification.ts";

/** Most labels that an answer carries. */
export const MAX_ANSWER_SCORES = 10;

/**
 * A decision as it is told to whoever waits for it: enough to act upon and to explain; the whole record stays with moderation.
 */
export const answerSchema = z.object({
  decision: z.enum(["allow", "review", "quarantine", "gone"]),
  /** What decided: the kind of rule, and the label and numbers that were compared, where there are any. */
  rule: z.object({
    kind: z.string().min(1).max(64),
    label: z.string().max(512).optional(),
    score: z.number().optional(),
    threshold: z.number().optional(),
  }),
  /** Why it was not scanned; null where it was. */
  unscannable: unscannableReasonSchema.nullable(),
  /** Highest first. */
  scores: z.array(labelScoreSchema).max(MAX_ANSWER_SCORES),
  ensembleDigest: sha256Schema,
  classifiedAtMs: z.number().int().nonnegative(),
  decidedAtMs: z.number().int().nonnegative(),
});
export type Answer = z.infer<typeof answerSchema>;
