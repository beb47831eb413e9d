import type { EnsembleConfig } from "@sluice/config";
import { fuseMembers } from "@sluice/inference";
import {
  evaluate,
  fitTemperature,
  fitWeights,
  softmax,
  splitHeldOut,
  type Evaluation,
} from "@sluice/model-fit";

/** What one member said of every picture. */
export interface MemberOutput {
  readonly model: string;
  /** `[pictures, classes]`. */
  readonly probabilities: Float64Array;
}

export interface CalibrationInput {
  readonly ensemble: EnsembleConfig;
  readonly members: readonly MemberOutput[];
  /** Class id of each picture. */
  readonly labels: Int32Array;
  readonly classes: number;
  /** Share of each label that the result is judged on. */
  readonly heldOut: number;
  readonly seed: number;
}

export interface Comparison {
  readonly name: string;
  readonly before: Evaluation;
  readonly after: Evaluation;
}

export interface Calibration {
  /** The same members with temperatures and weights, and without a cascade. */
  readonly ensemble: EnsembleConfig;
  readonly fittedOn: number;
  readonly judgedOn: number;
  /** Of the pictures that nothing was fitted on: each member, then the whole. */
  readonly comparisons: readonly Comparison[];
}

/**
 * Fits each member's temperature, then the weights of the pool, on one part of the pictures, and judges both before and after
 * on the other part. A fusion that ignores weights keeps those it has, except `mean`, which becomes `weighted`.
 */
export function calibrate(input: CalibrationInput): Calibration {
  const { labels, ensemble } = input;
  const split = splitHeldOut(labels, { fraction: input.heldOut, seed: input.seed });
  const fusion = ensemble.fusion === "mean" ? "weighted" : ensemble.fusion;
  const temperatures = input.members.map((member) => fitOne(member, split.training, input));
  const weights = fitPool(input, temperatures, split.training);
  const usesWeights = fusion !== "max";
  const members = ensemble.members.map((member, m) => ({
    ...member,
    temperature: round(temperatures[m] ?? 1),
    weight: usesWeights ? round(weights[m] ?? 1) : member.weight,
  }));
  // Exits are tuned for the scores that were; with others pictures would leave where they should not.
  const calibrated = { ...ensemble, fusion, members, cascade: null };
  return {
    ensemble: calibrated,
    fittedOn: split.training.length,
    judgedOn: split.heldOut.length,
    comparisons: compare(input, calibrated, split.heldOut),
  };
}

function fitOne(
  { probabilities }: MemberOutput,
  rows: Int32Array,
  { labels, classes }: CalibrationInput,
): number {
  const logits = takeRows(probabilities, rows, classes).map(toLogit);
  return fitTemperature({ logits, labels: takeLabels(labels, rows), classes }).temperature;
}

function fitPool(
  { members, labels, classes }: CalibrationInput,
  temperatures: readonly number[],
  rows: Int32Array,
): readonly number[] {
  const rightProbabilities = members.map(({ probabilities }, m) => {
    const tempered = cool(takeRows(probabilities, rows, classes), classes, temperatures[m] ?? 1);
    return Float64Array.from(rows, (row, i) => tempered[i * classes + (labels[row] ?? 0)] ?? 0);
  });
  return fitWeights({ rightProbabilities });
}

function compare(
  input: CalibrationInput,
  after: EnsembleConfig,
  rows: Int32Array,
): readonly Comparison[] {
  const { members, classes, ensemble } = input;
  const labels = takeLabels(input.labels, rows);
  const judge = (probabilities: Float64Array): Evaluation =>
    evaluate({ probabilities, labels, classes });
  const of = ({ probabilities }: MemberOutput, temperature: number): Float64Array =>
    cool(takeRows(probabilities, rows, classes), classes, temperature);
  const each = members.map((member, m) => ({
    name: member.model,
    before: judge(of(member, ensemble.members[m]?.temperature ?? 1)),
    after: judge(of(member, after.members[m]?.temperature ?? 1)),
  }));
  const whole = (config: EnsembleConfig): Evaluation =>
    judge(
      fuse(
        config,
        members.map((member, m) => of(member, config.members[m]?.temperature ?? 1)),
        classes,
      ),
    );
  return [...each, { name: "ensemble", before: whole(ensemble), after: whole(after) }];
}

function fuse(
  { fusion, members }: EnsembleConfig,
  outputs: readonly Float64Array[],
  classes: number,
): Float64Array {
  const fused = new Float64Array(outputs[0]?.length ?? 0);
  for (let start = 0; start < fused.length; start += classes) {
    const rows = outputs.map((output, m) => ({
      probabilities: output.subarray(start, start + classes),
      weight: members[m]?.weight ?? 1,
    }));
    const scores = fuseMembers(fusion, rows, classes);
    const sum = scores.reduce((a, b) => a + b, 0); // `max` does not sum to 1
    fused.set(
      scores.map((score) => score / sum),
      start,
    );
  }
  return fused;
}

/** Below what float32 softmax tells apart from nothing. */
const LEAST_PROBABILITY = 1e-12;

function toLogit(probability: number): number {
  return Math.log(Math.max(LEAST_PROBABILITY, probability));
}

function cool(probabilities: Float64Array, classes: number, temperature: number): Float64Array {
  return softmax(probabilities.map(toLogit), classes, temperature);
}

function takeRows(values: Float64Array, rows: Int32Array, width: number): Float64Array {
  const taken = new Float64Array(rows.length * width);
  for (const [to, from] of rows.entries()) {
    taken.set(values.subarray(from * width, (from + 1) * width), to * width);
  }
  return taken;
}

function takeLabels(labels: Int32Array, rows: Int32Array): Int32Array {
  return rows.map((row) => labels[row] ?? 0);
}

/** Four digits: more would only claim what a few hundred pictures cannot tell. */
function round(value: number): number {
  return Number(value.toPrecision(4));
}
