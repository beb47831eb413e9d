import type { Agreement, Margin, WatchedThreshold } from "../cascade.ts";
import type { WatchedScore } from "../may-leave.ts";
import { isChanged } from "./judge-cascade.ts";
import type { Observation } from "./observe.ts";

/** How far from every threshold a score must be, in logits (`ln(p / (1 - p))`), so that near 0 and 1 it counts as it should. */
interface LogitMargin {
  readonly under: number;
  readonly over: number;
}

/**
 * Never nearer than this, however few pictures were wrong: what did not come among some hundred pictures may still come. Around a threshold
 * of 0.5 it is 0.27 to 0.73.
 */
const LEAST_MARGIN = 1;

/** Added to the distance of the picture that was nearly wrong; the next one may be a little farther out. */
const CLEARANCE = 0.1;

export interface MarginSearch {
  readonly thresholds: readonly WatchedThreshold[];
  readonly agreement: Agreement;
  /** From 0; not the last. */
  readonly stage: number;
  /** Most pictures that may be decided otherwise than by all members. */
  readonly allowed: number;
}

/**
 * The narrowest margins of a stage with which at most `allowed` of the pictures that reach it are decided otherwise than by all members.
 * One distance for all thresholds on each side: pictures that are below all of them leave by the one, the others by both.
 *
 * @returns per threshold; null when nobody would leave
 */
export function tuneMargins(
  observations: readonly Observation[],
  search: MarginSearch,
): readonly Margin[] | null {
  const seen = observations.flatMap((observation) => measure(observation, search));
  const { allowed } = search;
  let best: { readonly margin: LogitMargin; readonly leaving: number } | null = null;
  for (const forUnder of new Set([allowed, Math.floor(allowed / 2), 0])) {
    const margin = fit(seen, { forUnder, allowed });
    const leaving = seen.filter((picture) => leaves(picture, margin)).length;
    if (leaving > 0 && leaving > (best?.leaving ?? 0)) best = { margin, leaving };
  }
  return best === null ? null : search.thresholds.map((t) => toScores(t, best.margin));
}

/** How far a picture is from the thresholds, over all frames; infinite where no score is on that side. */
interface Distance {
  readonly under: number;
  readonly over: number;
  readonly isWrong: boolean;
}

/** @returns none when the picture cannot leave here, whatever the margins are */
function measure(
  observation: Observation,
  { stage, thresholds, agreement }: MarginSearch,
): readonly Distance[] {
  const view = observation.stages[stage];
  if (view === undefined) return [];
  let under = Infinity;
  let over = Infinity;
  for (const frame of view.frames) {
    for (const [i, { threshold }] of thresholds.entries()) {
      const watched = frame[i] ?? null;
      if (!mayEverLeave(watched, agreement)) return [];
      const distance = logit(watched.score) - logit(threshold);
      if (watched.score >= threshold) over = Math.min(over, distance);
      else under = Math.min(under, -distance);
    }
  }
  return [{ under, over, isWrong: isChanged(observation, stage) }];
}

function mayEverLeave(watched: WatchedScore | null, agreement: Agreement): watched is WatchedScore {
  return watched !== null && (agreement === "none" || watched.isAgreed);
}

function fit(
  seen: readonly Distance[],
  { forUnder, allowed }: { forUnder: number; allowed: number },
): LogitMargin {
  const wrong = seen.filter(({ isWrong }) => isWrong);
  const below = wrong.filter(({ over }) => over === Infinity).map(({ under }) => under);
  const under = marginFor(below, forUnder);
  const used = below.filter((distance) => distance >= under).length;
  const others = wrong.filter((one) => one.over !== Infinity && one.under >= under);
  const distances = others.map(({ over }) => over);
  return { under, over: marginFor(distances, allowed - used) };
}

/** The narrowest that lets at most `allowed` of these through. */
function marginFor(distances: readonly number[], allowed: number): number {
  const farthest = distances.toSorted((a, b) => b - a)[allowed];
  return farthest === undefined ? LEAST_MARGIN : Math.max(LEAST_MARGIN, farthest + CLEARANCE);
}

function leaves({ under, over }: Distance, margin: LogitMargin): boolean {
  return under >= margin.under && over >= margin.over;
}

/** Rounded away from the threshold to four digits, so that the file can be read and nothing leaves that would not have. */
function toScores({ threshold }: WatchedThreshold, { under, over }: LogitMargin): Margin {
  const below = sigmoid(logit(threshold) - under);
  const above = sigmoid(logit(threshold) + over);
  const rounded = Number((1 - roundDown(1 - above)).toPrecision(12)); // without what binary fractions leave behind
  return { below: roundDown(below), above: rounded };
}

/** To 0 where certainty itself was wrong. */
function roundDown(score: number): number {
  if (score <= LEAST_SCORE) return 0;
  const step = 10 ** (Math.floor(Math.log10(score)) - 3);
  return Number((Math.floor(score / step) * step).toPrecision(4));
}

/** Keeps certainty finite. */
const LEAST_SCORE = 1e-9;

function logit(score: number): number {
  const p = Math.min(1 - LEAST_SCORE, Math.max(LEAST_SCORE, score));
  return Math.log(p / (1 - p));
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
