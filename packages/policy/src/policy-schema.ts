import { rootNameSchema, unscannableReasonSchema, type UnscannableReason } from "@sluice/contracts";
import { z } from "zod";

/** What a policy may ask for. Ordered by severity: allow < review < quarantine. */
export const policyActionSchema = z.enum(["allow", "review", "quarantine"]);
export type PolicyAction = z.infer<typeof policyActionSchema>;

const thresholdSchema = z.number().gt(0).max(1);

/** A forbidden class, named by label or by class id, with the scores from which it is held or taken. */
const forbiddenSchema = z
  .strictObject({
    label: z.string().min(1).max(512).optional(),
    classId: z.number().int().nonnegative().optional(),
    /** Score from which the image is quarantined. */
    quarantine: thresholdSchema.optional(),
    /** Score from which the image waits for a person. */
    review: thresholdSchema.optional(),
  })
  .refine((rule) => (rule.label === undefined) !== (rule.classId === undefined), {
    error: "expected either label or classId, and not both",
  })
  .refine((rule) => rule.quarantine !== undefined || rule.review !== undefined, {
    error: "expected at least one threshold: quarantine or review, a score above 0 and up to 1",
  })
  .refine((rule) => (rule.review ?? 0) <= (rule.quarantine ?? 1), {
    error: "expected review to be at most quarantine, otherwise nothing would ever be reviewed",
  });
export type ForbiddenRule = z.infer<typeof forbiddenSchema>;

/** A network that gives NaN gives it for every picture: whatever a site lets pass unseen, this would let everything pass. */
const modelFailureSchema = z.enum(["review", "quarantine"], {
  error: "expected review or quarantine: a model that fails says nothing of any picture",
});

const unscannableSchema = z.strictObject({
  /** Of all reasons but `model-failure`, which is reviewed where this says `allow`. */
  default: policyActionSchema.default("review"),
  ...Object.fromEntries(
    unscannableReasonSchema.options.map((reason) => [
      reason,
      (reason === "model-failure" ? modelFailureSchema : policyActionSchema).optional(),
    ]),
  ),
});

const commonShape = {
  forbidden: z.array(forbiddenSchema).max(10_000),
  /** Action per reason why an image could not be scanned; "not scanned" is not "clean". */
  unscannable: unscannableSchema.prefault({}),
  /** Least action for images that only the tolerant decoder could read. */
  damaged: policyActionSchema.default("review"),
  /** Least action for animations of which only some frames were looked at. */
  unseenFrames: policyActionSchema.default("review"),
};

/**
 * A site's rules. In gate mode uploads become public after `allow`; in sweep mode they are public at once. In answer mode somebody
 * else has the upload and acts on what we answer; we have a copy.
 */
export const policySchema = z.discriminatedUnion("mode", [
  z.strictObject({
    mode: z.literal("gate"),
    publishTo: rootNameSchema,
    onReview: z.literal("hold").default("hold"),
    /** Another file with other content already lies at the published path. */
    onConflict: z.enum(["hold", "replace"]).default("hold"),
    ...commonShape,
  }),
  z.strictObject({
    mode: z.literal("sweep"),
    /** hold: taken into the vault until a person decides; leave: stays public meanwhile. */
    onReview: z.enum(["hold", "leave"]).default("hold"),
    ...commonShape,
  }),
  z.strictObject({
    mode: z.literal("answer"),
    /** forbidden: the vault keeps what was not allowed; nothing: our copy goes, whatever was decided. */
    keep: z.enum(["forbidden", "nothing"]).default("forbidden"),
    ...commonShape,
  }),
]);
export type Policy = z.infer<typeof policySchema>;

/** The action that a policy names for a reason, its default where it names none; a failing model never allows. */
export function unscannableAction(policy: Policy, reason: UnscannableReason): PolicyAction {
  const actions: Readonly<Record<string, PolicyAction | undefined>> = policy.unscannable;
  const action = actions[reason] ?? policy.unscannable.default;
  return reason === "model-failure" && action === "allow" ? "review" : action;
}
