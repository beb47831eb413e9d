import { EnsembleInvalidError } from "../ensemble-invalid-error.ts";
import type { Agreement, Cascade, Margin, WatchedThreshold } from "./cascade.ts";

/** A cascade as a configuration describes it, its members by their indices. */
export interface CascadeParts {
  readonly stages: readonly (readonly number[])[];
  readonly exits: readonly CascadeExit[];
  readonly agreement: Agreement;
}

/** What a score must be for an image to leave after a stage, as far as one threshold goes. */
export interface CascadeExit {
  /** From 1. */
  readonly stage: number;
  readonly label: string;
  readonly threshold: number;
  /** Below this score it is surely below the threshold. */
  readonly below: number;
  /** Above this score it is surely above. */
  readonly above: number;
}

/** The ensemble that a cascade is for. */
export interface CascadePlace {
  /** Names of the members. */
  readonly models: readonly string[];
  readonly labels: readonly string[];
  /** Index of the member whose embeddings are part of outcomes. */
  readonly embeddings?: number | undefined;
}

/** @throws EnsembleInvalidError when a member, a label or an exit has no place in it */
export function composeCascade(parts: CascadeParts, place: CascadePlace): Cascade {
  const { stages, exits, agreement } = parts;
  requireStages(stages, place);
  const thresholds = collectThresholds(exits, place.labels);
  for (const exit of exits) requireSound(exit, stages.length);
  return {
    stages: stages.map((members, i) => ({ members, margins: marginsOf(exits, thresholds, i + 1) })),
    thresholds,
    agreement,
  };
}

function requireStages(stages: CascadeParts["stages"], { models, embeddings }: CascadePlace): void {
  if (stages.length < 2)
    throw invalid("stages: expected two or more; with one there is no cascade");
  const empty = stages.findIndex((members) => members.length === 0);
  if (empty !== -1) throw invalid(`stages: stage ${empty + 1} has no member`);
  for (const [m, model] of models.entries()) {
    const count = stages.flat().filter((member) => member === m).length;
    if (count === 1) continue;
    const found = count === 0 ? "in no stage" : "in more than one stage";
    throw invalid(`stages: ${model} is ${found}; every member stands in exactly one`);
  }
  if (embeddings === undefined || stages[0]?.includes(embeddings) === true) return;
  throw invalid(
    `stages: the embeddings of ${models[embeddings] ?? "a member"} are part of every outcome, so it must run for every image; put it into the first stage`,
  );
}

function collectThresholds(
  exits: readonly CascadeExit[],
  labels: readonly string[],
): WatchedThreshold[] {
  if (exits.length === 0)
    throw invalid("exits: expected at least one; without exits nobody leaves");
  const thresholds: WatchedThreshold[] = [];
  for (const { label, threshold } of exits) {
    const classId = labels.indexOf(label);
    if (classId === -1) {
      throw invalid(`exits: no member knows the label "${label}"; known are ${someOf(labels)}`);
    }
    const isKnown = thresholds.some((t) => t.classId === classId && t.threshold === threshold);
    if (!isKnown) thresholds.push({ label, classId, threshold });
  }
  return thresholds;
}

function requireSound(
  { stage, label, threshold, below, above }: CascadeExit,
  stages: number,
): void {
  const about = `exits: ${label} at ${threshold} in stage ${stage}`;
  if (stage < 1 || stage >= stages) {
    throw invalid(
      `${about}: images leave after stages 1 to ${stages - 1}; the last one decides all`,
    );
  }
  if (below <= threshold && threshold <= above) return;
  throw invalid(
    `${about}: expected below (${below}) to be at most the threshold, and above (${above}) at least`,
  );
}

function marginsOf(
  exits: readonly CascadeExit[],
  thresholds: readonly WatchedThreshold[],
  stage: number,
): readonly Margin[] | null {
  const own = exits.filter((exit) => exit.stage === stage);
  if (own.length === 0) return null;
  return thresholds.map(({ label, threshold }) => {
    const [exit, ...others] = own.filter((e) => e.label === label && e.threshold === threshold);
    if (exit !== undefined && others.length === 0) {
      return { below: exit.below, above: exit.above };
    }
    const found = exit === undefined ? "no exit" : "more than one exit";
    throw invalid(
      `exits: stage ${stage} has ${found} for ${label} at ${threshold}; a stage that images leave after has one for every threshold of the cascade`,
    );
  });
}

function invalid(problem: string): EnsembleInvalidError {
  return new EnsembleInvalidError(`cascade.${problem}`);
}

const MAX_LISTED = 12;

function someOf(labels: readonly string[]): string {
  const more = labels.length - MAX_LISTED;
  return `${labels.slice(0, MAX_LISTED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
