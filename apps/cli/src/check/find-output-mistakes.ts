import { finding, type Finding } from "./finding.ts";

/** Float rows, one per picture, each with one number per class. */
export type Rows = readonly Float32Array[];

/** What the network gave for several different pictures. */
export interface ProbedOutputs {
  /** Its own scores, picture by picture; null when they are not float32. */
  readonly scores: Rows | null;
  /** What Sluice makes of them. */
  readonly probabilities: Rows;
  /** `probabilities` again, of all pictures in one batch. */
  readonly batched: Rows;
}

/** Looks for numbers that cannot be the logits of a classifier. */
export function findOutputMistakes(outputs: ProbedOutputs): Finding[] {
  const { scores, probabilities } = outputs;
  if (![...(scores ?? []), ...probabilities].every(isFinite)) {
    return [
      finding(
        "output-not-finite",
        "the network gives NaN or infinite scores",
        "export it from weights that give finite numbers in training's framework; a float16 variant may have overflowed",
      ),
    ];
  }
  const constant = findConstant(scores ?? probabilities);
  // One answer for everything says nothing about what kind of numbers it is made of.
  if (constant.length > 0) return constant;
  return [...findWrongScores(scores, probabilities), ...findDisagreement(outputs)];
}

/** A loop over the index: rows are short, and `every` of a typed array passes numbers as it should. */
function isFinite(row: Float32Array): boolean {
  return row.every((value) => Number.isFinite(value));
}

/** Below it, relative to the largest score, two answers are the same but for rounding. */
const SAME = 1e-6;

function findConstant(rows: Rows): Finding[] {
  const [first, ...others] = rows;
  if (first === undefined || others.length === 0) return [];
  const largest = Math.max(...first.map(Math.abs));
  const spread = Math.max(...others.map((row) => largestDifference(first, row)));
  if (spread > SAME * largest) return [];
  return [
    finding(
      "output-constant",
      `the network gives the same scores for ${rows.length} quite different pictures`,
      "look at the preprocessing (values far too large or small saturate a network) and at the export: were the trained weights loaded?",
    ),
  ];
}

/** Rounding of float32 and of a softmax over a thousand classes. */
const ROUNDING = 1e-3;

function findWrongScores(scores: Rows | null, probabilities: Rows): Finding[] {
  if (scores === null || !scores.every((row) => row.every((value) => value >= 0 && value <= 1))) {
    return [];
  }
  const isDistribution = scores.every((row) => Math.abs(sumOf(row) - 1) < ROUNDING);
  if (!isDistribution) {
    return [
      finding(
        "output-not-logits",
        "all scores are from 0 to 1 and do not add up to 1: each class is judged by itself (sigmoid), but Sluice takes scores for logits of one choice among all classes",
        "export the network without its last sigmoid, and use it only if exactly one class applies to a picture",
      ),
    ];
  }
  const isKnown = scores.every((row, i) => largestDifference(row, probabilities[i] ?? row) < SAME);
  if (isKnown) {
    return [
      finding(
        "softmax-in-model",
        "the network ends with a softmax; Sluice sees it and adds none",
        "nothing here; other programs may add a second one",
      ),
    ];
  }
  return [
    finding(
      "softmax-twice",
      "the network's scores are probabilities already, and its graph does not show it, so a second softmax flattens them: thresholds would never be reached",
      "export it without its softmax, so that the output is logits",
    ),
  ];
}

function findDisagreement({ probabilities, batched }: ProbedOutputs): Finding[] {
  const worst = Math.max(
    ...probabilities.map((row, i) => largestDifference(row, batched[i] ?? new Float32Array())),
  );
  if (worst < ROUNDING) return [];
  return [
    finding(
      "batch-disagrees",
      `a picture's probabilities change by up to ${worst.toPrecision(2)} when other pictures are in its batch`,
      "export the network in evaluation mode (model.eval()): batch norm must use the stored statistics",
    ),
  ];
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - (b[i] ?? 0))), 0);
}

function sumOf(row: Float32Array): number {
  return row.reduce((sum, value) => sum + value, 0);
}
