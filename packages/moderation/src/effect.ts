import {
  objectPathSchema,
  rootNameSchema,
  type ChunkId,
  type ObjectPath,
  type ObjectVersion,
  type RootName,
  type Sha256,
  type SourceName,
} from "@sluice/contracts";
import { z } from "zod";
import { vaultIdSchema, type DecisionId, type EffectId } from "./ids.ts";

/**
 * What is to be done, with everything needed to do it after a restart under another configuration.
 *
 * - `none`: nothing in the world changes (sweep + allow, gone, sweep + review + `onReview: leave`).
 * - `discard`: answer mode; our copy of an upload that somebody else has is removed.
 * - `hold`: gate; the file waits where it is. `publishTo` is where an approval would bring it.
 * - `publish`: gate; from its root to `to`, under the same path.
 * - `vault`: out of its root into the vault, recorded there as `as`.
 * - `restore`: out of the vault, to a root.
 * - `unmark`: a locked object loses the mark that says that it is quarantined.
 */
export const effectPlanSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("none"), result: z.enum(["nothing", "left"]) }),
  z.object({ kind: z.literal("discard") }),
  z.object({ kind: z.literal("hold"), publishTo: rootNameSchema }),
  z.object({
    kind: z.literal("publish"),
    to: rootNameSchema,
    onConflict: z.enum(["hold", "replace"]),
  }),
  z.object({ kind: z.literal("vault"), as: z.enum(["quarantined", "held"]) }),
  z.object({
    kind: z.literal("restore"),
    vaultId: vaultIdSchema,
    toRoot: rootNameSchema,
    toPath: objectPathSchema,
  }),
  z.object({ kind: z.literal("unmark") }),
]);
export type EffectPlan = z.infer<typeof effectPlanSchema>;

/** `pending`: to be done or under way. `placed`: the copy lies in its new place, the old one is still to go. */
export const effectStateSchema = z.enum(["pending", "placed", "done"]);
export type EffectState = z.infer<typeof effectStateSchema>;

/**
 * How it ended. `changed`: another version lies there, which has its own job. `gone`: nothing lies there any
 * more. `locked`: it is forbidden, but its place does not let it go; a person must act. `conflict`: other content lies at the published path, so the file is held. `refused`: a restore
 * would have overwritten a file. `discarded`: our copy was removed, the upload is with somebody else. `left`: forbidden enough for review, but public until then.
 */
export const effectResultSchema = z.enum([
  "nothing",
  "discarded",
  "left",
  "held",
  "published",
  "conflict",
  "vaulted",
  "restored",
  "refused",
  "changed",
  "gone",
  "locked",
]);
export type EffectResult = z.infer<typeof effectResultSchema>;

/** One effect of one decision, as recorded. A decision has at most one that is not done. */
export interface Effect {
  readonly id: EffectId;
  readonly decisionId: DecisionId;
  readonly plan: EffectPlan;
  readonly state: EffectState;
  /** Null until done. */
  readonly result: EffectResult | null;
  /** `policy`, or the operator who asked for it. */
  readonly actor: string;
  /** Times it failed so far. */
  readonly attempts: number;
  readonly source: SourceName;
  readonly chunkId: ChunkId;
  readonly root: RootName;
  readonly path: ObjectPath;
  readonly version: ObjectVersion;
  /** Content that was judged; null where it could not be read. */
  readonly sha256: Sha256 | null;
}

/** Plans that change nothing in the world are done in the moment they are recorded. */
export function immediateResult(plan: EffectPlan): EffectResult | null {
  switch (plan.kind) {
    case "none":
      return plan.result;
    case "hold":
      return "held";
    case "discard":
    case "publish":
    case "vault":
    case "restore":
    case "unmark":
      return null;
    default:
      return plan satisfies never;
  }
}
