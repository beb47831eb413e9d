import type { ClassReport, Evaluation, Judged } from "@sluice/model-fit";
import type { Example, SkippedPicture } from "./read-examples.ts";

/** All that is said about a fit; printed as it is with --json. */
export interface FitReport {
  /** Where the new model directory lies; null when nothing was written. */
  readonly folder: string | null;
  readonly labels: readonly string[];
  /** The model whose embeddings were fitted on. */
  readonly features: {
    readonly folder: string;
    readonly digest: string;
    readonly dimension: number;
  };
  readonly settings: {
    readonly heldOut: number;
    readonly seed: number;
    readonly classWeights: string;
    readonly maxPictures: number;
  };
  readonly l2: { readonly value: number; readonly tried: Judged["crossValidation"] };
  /** The head that is written was fitted on all pictures, after the judgement. */
  readonly isRefitted: boolean;
  /** The search for the weights came to its end. */
  readonly hasConverged: boolean;
  readonly pictures: {
    readonly training: number;
    readonly heldOut: number;
    readonly duplicates: readonly { readonly path: string; readonly sameAs: string }[];
    readonly skipped: readonly SkippedPicture[];
  };
  readonly heldOut: Omit<Evaluation, "perClass"> & {
    /** Share that saying the most frequent label every time would get right. */
    readonly baseline: number;
    readonly perClass: readonly (ClassReport & { readonly label: string })[];
    readonly mistakes: readonly Mistake[];
  };
  /** Null when there were too few pictures to tell. */
  readonly temperature: {
    readonly value: number;
    readonly isAtLimit: boolean;
    readonly isApplied: boolean;
    /** Of the held-out pictures, with the temperature. */
    readonly calibrationError: number;
    readonly logLoss: number;
  } | null;
}

/** A held-out picture that was called something else. */
export interface Mistake {
  readonly path: string;
  readonly label: string;
  readonly called: string;
  /** Of the label that it was called. */
  readonly probability: number;
}

export interface FitFacts extends Pick<FitReport, "folder" | "labels" | "features" | "settings"> {
  readonly judged: Judged;
  /** One per row of the fit. */
  readonly examples: readonly Example[];
  readonly skipped: readonly SkippedPicture[];
  readonly isRefitted: boolean;
  readonly appliesTemperature: boolean;
}

export function describeFit({
  judged,
  examples,
  skipped,
  appliesTemperature,
  ...facts
}: FitFacts): FitReport {
  const { evaluation, temperature, tempered } = judged;
  const { perClass, ...figures } = evaluation;
  const supports = perClass.map(({ support }) => support);
  return {
    ...facts,
    l2: { value: judged.l2, tried: judged.crossValidation },
    hasConverged: judged.head.search.converged,
    pictures: {
      training: judged.training.length,
      heldOut: judged.heldOut.length,
      duplicates: examples.flatMap(({ path, copies }) =>
        copies.map((copy) => ({ path: copy.path, sameAs: path })),
      ),
      skipped,
    },
    heldOut: {
      ...figures,
      baseline: Math.max(...supports) / evaluation.rows,
      perClass: perClass.map((report, id) => ({ label: facts.labels[id] ?? "", ...report })),
      mistakes: findMistakes(judged, examples, facts.labels),
    },
    temperature:
      temperature === null || tempered === null
        ? null
        : {
            value: temperature.temperature,
            isAtLimit: temperature.isAtLimit,
            isApplied: appliesTemperature,
            calibrationError: tempered.calibrationError,
            logLoss: tempered.logLoss,
          },
  };
}

/** The surest first: those are wrongly labelled as often as wrongly called. */
function findMistakes(
  { heldOut, probabilities }: Judged,
  examples: readonly Example[],
  labels: readonly string[],
): readonly Mistake[] {
  return Array.from(heldOut, (row, i): Mistake[] => {
    const chances = probabilities.subarray(i * labels.length, (i + 1) * labels.length);
    const probability = Math.max(...chances);
    const called = labels[chances.indexOf(probability)] ?? "";
    const example = examples[row];
    if (example === undefined || example.label === called) return [];
    return [{ path: example.path, label: example.label, called, probability }];
  })
    .flat()
    .toSorted((a, b) => b.probability - a.probability);
}
