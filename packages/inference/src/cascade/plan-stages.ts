import type { Ensemble } from "../ensemble.ts";
import type { Agreement, Margin, WatchedThreshold } from "./cascade.ts";

/** A stage of an ensemble, as the pipeline runs it. An ensemble without a cascade has one. */
export interface StagePlan {
  /** From 0. */
  readonly index: number;
  readonly isLast: boolean;
  /** Indices of the members that run in it, ascending: the order in which a device gives their numbers. */
  readonly members: readonly number[];
  /** The ensemble of all members that have run after it, in the ensemble's order. */
  readonly pool: Ensemble;
  /** Indices of the members of the pool, ascending. */
  readonly ran: readonly number[];
  /** Per member of the pool its place among all numbers of a row, which come stage by stage. */
  readonly places: readonly number[];
  /** What must hold for an image to leave after it; null: none leaves, or it is the last. */
  readonly exit: StageExit | null;
  /** As outcomes tell it, with stages from 1; null: there is no cascade. */
  readonly told: { readonly stage: number; readonly stages: number } | null;
}

export interface StageExit {
  readonly thresholds: readonly WatchedThreshold[];
  /** Per threshold. */
  readonly margins: readonly Margin[];
  readonly agreement: Agreement;
}

/** The stages of an ensemble, in the order in which they run. */
export function planStages(ensemble: Ensemble): readonly StagePlan[] {
  const { cascade, members } = ensemble;
  if (cascade === undefined) {
    const all = members.map((_, m) => m);
    const only = { index: 0, isLast: true, members: all, pool: ensemble, ran: all, places: all };
    return [{ ...only, exit: null, told: null }];
  }
  const { stages, thresholds, agreement } = cascade;
  const { embeddings, ...rest } = ensemble;
  const inOrder = stages.map((stage) => stage.members.toSorted((a, b) => a - b));
  return stages.map(({ margins }, index) => {
    const arrived = inOrder.slice(0, index + 1).flat();
    const ran = arrived.toSorted((a, b) => a - b);
    return {
      index,
      isLast: index === stages.length - 1,
      members: inOrder[index] ?? [],
      pool: {
        ...rest,
        members: members.filter((_, m) => ran.includes(m)),
        ...(embeddings !== undefined && { embeddings: ran.indexOf(embeddings) }),
      },
      ran,
      places: ran.map((m) => arrived.indexOf(m)),
      exit: margins === null ? null : { thresholds, margins, agreement },
      told: { stage: index + 1, stages: stages.length },
    };
  });
}
