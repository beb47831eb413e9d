import { unscannableReasonSchema } from "@sluice/contracts";
import { z } from "zod";

/** From weakest to strongest; `gone` stands apart: there is nothing to decide about. */
export const decisionSchema = z.enum(["allow", "review", "quarantine", "gone"]);
export type Decision = z.infer<typeof decisionSchema>;

const target = {
  label: z.string().optional(),
  classId: z.number().int().optional(),
};

/**
 * Why a decision is what it is, with the numbers that were compared.
 *
 * - `forbidden`: a label's score reached the threshold of `level`.
 * - `damaged`: only a tolerant decoder could read the image.
 * - `unseen-frames`: only some frames of an animation were looked at, as the ensemble's `frames` says.
 * - `unscannable`: it could not be classified; the policy says what that means.
 * - `left-early`: the image left the ensemble's cascade before all members had seen it, and the cascade knows nothing of this threshold.
 * - `unknown-ensemble`, `unknown-label`, `threshold-below-floor`, `no-scores`, `invalid-score`: the rules could not
 *   be applied as written, so a person must look.
 * - `exemption`: a person let this content go before, under the same policy.
 * - `nothing-forbidden`: every rule was applied and none fired; `nearest` came closest.
 * - `gone`: no such object, or another version in its place.
 */
export const ruleSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("forbidden"),
    level: z.enum(["review", "quarantine"]),
    label: z.string(),
    classId: z.number().int(),
    threshold: z.number(),
    score: z.number(),
    /** Frame that scored highest, from 0; left out for still images. */
    frame: z.number().int().optional(),
  }),
  z.object({ kind: z.literal("damaged") }),
  z.object({
    kind: z.literal("unseen-frames"),
    seen: z.number().int(),
    frames: z.number().int(),
  }),
  z.object({ kind: z.literal("unscannable"), reason: unscannableReasonSchema }),
  z.object({ kind: z.literal("unknown-ensemble") }),
  z.object({ kind: z.literal("unknown-label"), ...target }),
  z.object({
    kind: z.literal("threshold-below-floor"),
    ...target,
    threshold: z.number(),
    scoreFloor: z.number(),
  }),
  z.object({
    kind: z.literal("left-early"),
    ...target,
    threshold: z.number(),
    stage: z.number().int(),
    stages: z.number().int(),
  }),
  z.object({ kind: z.literal("no-scores") }),
  z.object({ kind: z.literal("invalid-score"), label: z.string() }),
  z.object({ kind: z.literal("exemption") }),
  z.object({
    kind: z.literal("nothing-forbidden"),
    nearest: z.object({ label: z.string(), score: z.number(), threshold: z.number() }).nullable(),
  }),
  z.object({ kind: z.literal("gone"), reason: z.enum(["missing", "changed"]) }),
]);
export type Rule = z.infer<typeof ruleSchema>;
