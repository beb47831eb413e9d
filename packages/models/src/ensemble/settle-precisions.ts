import { basename } from "node:path";
import type { Precision } from "../directory/precision.ts";
import { chooseFastest, type Speedup } from "../precision/choose-fastest.ts";
import { examineVariants } from "../precision/examine-variants.ts";
import type { GraphTimer } from "../precision/graph-timer.ts";
import type { RefusedVariant } from "../precision/judge-variant.ts";
import type { VariantLimits } from "../precision/variant-limits.ts";
import type { Variant } from "../precision/variant.ts";
import { variantsFor } from "../precision/variants-for.ts";
import { timePrecisions } from "./time-precisions.ts";

/** A member as a configuration describes it, as far as its precision goes. */
export interface UnsettledMember {
  /** Path of a model directory. */
  readonly model: string;
  readonly precision: Precision | "auto";
}

/** What `auto` became, and why. */
export interface PrecisionChoice {
  /** Name for people: the model directory's. */
  readonly model: string;
  readonly precision: Precision;
  /** Share of held-out pictures with the same top-1 as the float model; null for float32. */
  readonly top1Agreement: number | null;
  /** Of the variants that were timed on this machine. */
  readonly speedups: readonly Speedup[];
  readonly minSpeedup: number;
  readonly refused: readonly RefusedVariant[];
  /** File that remembers the timings; null when there was nothing to time, or they are not remembered. */
  readonly timingFile: string | null;
  /** Whether they were taken just now. */
  readonly isMeasured: boolean;
}

export interface SettlingRequest {
  readonly limits: VariantLimits;
  readonly graphCacheDir: string;
  /**
   * Whether engines of other devices must run the same networks: those of one worker have one ensemble digest, and what is
   * fastest on one of them need not even be computed as such on another.
   */
  readonly hasMixedDevices: boolean;
  /** Forget what is remembered and measure again. */
  readonly isRemeasuring: boolean;
  /** Called when a member has `auto`. */
  readonly openTimer: () => Promise<GraphTimer>;
}

export type SettledMember<M> = Omit<M, "precision"> & { readonly precision: Precision };

export interface Settled<M> {
  /** In their order, each with the precision that it runs in. */
  readonly members: readonly SettledMember<M>[];
  /** One per member that had `auto`, in their order. */
  readonly choices: readonly PrecisionChoice[];
}

/**
 * Turns `auto` into a precision: of the variants that this provider runs well, whose report is about these very files and
 * passes the limits, the one that this machine runs fastest; else float32. Timings are remembered beside the graphs, so the
 * same models on the same machine give the same choice until that file is gone.
 *
 * @throws ModelError when a model directory cannot be used
 */
export async function settlePrecisions<M extends UnsettledMember>(
  members: readonly M[],
  request: SettlingRequest,
): Promise<Settled<M>> {
  const settled: SettledMember<M>[] = [];
  const choices: PrecisionChoice[] = [];
  const known = new Map<string, PrecisionChoice>();
  let timer: GraphTimer | null = null;
  for (const member of members) {
    const { model, precision } = member;
    if (precision !== "auto") {
      settled.push({ ...member, precision });
      continue;
    }
    timer ??= await request.openTimer();
    const choice = known.get(model) ?? (await choose(model, timer, request));
    known.set(model, choice);
    choices.push(choice);
    settled.push({ ...member, precision: choice.precision });
  }
  return { members: settled, choices };
}

async function choose(
  folder: string,
  timer: GraphTimer,
  { limits, graphCacheDir, isRemeasuring, hasMixedDevices }: SettlingRequest,
): Promise<PrecisionChoice> {
  const { hasExactByteProducts, provider } = timer;
  const criteria = { limits, hasExactByteProducts };
  const about = { model: basename(folder), minSpeedup: limits.minSpeedup };
  if (hasMixedDevices)
    return { ...about, refused: variantsFor(provider).map(refuseMixed), ...UNTIMED };
  const { passed, refused } = await examineVariants(folder, variantsFor(provider), criteria);
  if (passed.length === 0) return { ...about, refused, ...UNTIMED };
  const variants = passed.map(({ variant }) => variant);
  const timed = await timePrecisions({ folder, variants, timer, graphCacheDir, isRemeasuring });
  const { precision, speedups } = chooseFastest(timed.timings, limits.minSpeedup);
  const agreement = passed.find(({ variant }) => variant === precision)?.agreement;
  return {
    ...about,
    precision,
    top1Agreement: agreement?.top1Agreement ?? null,
    speedups,
    refused: [...refused, ...timed.failed],
    timingFile: timed.timingFile,
    isMeasured: timed.isMeasured,
  };
}

function refuseMixed(variant: Variant): RefusedVariant {
  const detail =
    "the engines of this worker run on different devices and must run the same network; start a worker for each kind, or name a precision";
  return { variant, reason: "mixed-devices", detail };
}

/** There is nothing to choose from. */
const UNTIMED = {
  precision: "float32",
  top1Agreement: null,
  speedups: [],
  timingFile: null,
  isMeasured: false,
} as const;
