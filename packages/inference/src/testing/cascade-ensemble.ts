import { ensembleNameSchema, sha256Schema } from "@sluice/contracts";
import type { Agreement, Cascade } from "../cascade/cascade.ts";
import { composeCascade } from "../cascade/compose-cascade.ts";
import type { Ensemble } from "../ensemble.ts";

const digest = sha256Schema.parse("c".repeat(64));
const LABELS = ["bad", "good"];

/** Scores below 0.1 and above 0.9 are sure in the first stage, below 0.2 and above 0.8 in the second. */
export function threeStages(agreement: Agreement = "all"): Cascade {
  const exit = { label: "bad", threshold: 0.5 };
  return composeCascade(
    {
      stages: [[1], [0], [2]],
      exits: [
        { ...exit, stage: 1, below: 0.1, above: 0.9 },
        { ...exit, stage: 2, below: 0.2, above: 0.8 },
      ],
      agreement,
    },
    { models: ["m0", "m1", "m2"], labels: LABELS },
  );
}

/** Three members of two labels with equal weights; the second one runs first. */
export function cascadeEnsemble(cascade: Cascade = threeStages()): Ensemble {
  return {
    name: ensembleNameSchema.parse("default"),
    digest,
    labels: LABELS,
    members: [0, 1, 2].map((m) => {
      return { model: `m${m}`, digest, weight: 1, temperature: 1, set: 0 };
    }),
    sets: [{ name: null, offset: 0, labels: LABELS }],
    fusion: "mean",
    views: "center",
    frames: "all",
    scoreFloor: 0,
    cascade,
  };
}
