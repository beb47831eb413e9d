import type { DeviceSettings } from "./device-messages.ts";
import { DeviceMemoryError } from "./errors.ts";
import { MemberLanes } from "./member-lanes.ts";
import { shareMembers } from "./share-members.ts";

/** How the members of a stage run: one after the other, each with all threads, or at the same time with threads shared out. */
export type Arrangement = "in-turn" | "parallel";

/** What was chosen, and why. */
export interface ArrangementChoice {
  readonly arrangement: Arrangement;
  /** faster: as measured; configured; one-core: nothing could run beside anything; no-memory: for members in several threads. */
  readonly reason: "faster" | "configured" | "one-core" | "no-memory";
  /** Threads that hold members. */
  readonly lanes: number;
  /** Median time of the largest batches of all stages; null where it was not measured. */
  readonly inTurnMs: number | null;
  readonly parallelMs: number | null;
}

export interface Arranged {
  readonly lanes: MemberLanes;
  /** Whether the lanes of a stage run at the same time. */
  readonly atOnce: boolean;
  /** Null where no two members ever have the same stage. */
  readonly choice: ArrangementChoice | null;
}

export interface ArrangeOptions {
  readonly wanted: "auto" | Arrangement;
  /** No further round is begun after so long, once there is one. */
  readonly limitMs: number;
  readonly cores: number;
  readonly now: () => number;
}

/**
 * Loads the members and lets the machine say how they run. On the CPU that compares one thread that has all members, each with every core,
 * with several threads between which members and cores are shared; both are in memory while they are timed. On a GPU each member has
 * a thread from the start, which is asked in turn or at once.
 *
 * @throws ModelLoadError, ProviderMissingError, DeviceMemoryError: see `startOnnxDevice`
 */
export async function arrangeMembers(
  settings: DeviceSettings,
  options: ArrangeOptions,
): Promise<Arranged> {
  const all = settings.members.map((_, index) => index);
  const mayChoose = options.wanted !== "in-turn" && hasCompany(settings);
  const isCpu = settings.provider === "cpu";
  const shared = isCpu || !mayChoose ? [all] : all.map((index) => [index]);
  const inTurn = await MemberLanes.open(settings, shared);
  if (!mayChoose) {
    const choice = hasCompany(settings) ? unmeasured("in-turn", "configured", inTurn) : null;
    return { lanes: inTurn, atOnce: false, choice };
  }
  const parallel = isCpu ? await openShared(settings, inTurn, options.cores) : inTurn;
  if (typeof parallel === "string") {
    return { lanes: inTurn, atOnce: false, choice: unmeasured("in-turn", parallel, inTurn) };
  }
  const choice = await choose(settings, { inTurn, parallel }, options);
  const atOnce = choice.arrangement === "parallel";
  const [chosen, other] = atOnce ? [parallel, inTurn] : [inTurn, parallel];
  if (other !== chosen) await other[Symbol.asyncDispose]();
  return { lanes: chosen, atOnce, choice };
}

interface Rivals {
  readonly inTurn: MemberLanes;
  readonly parallel: MemberLanes;
}

async function choose(
  settings: DeviceSettings,
  rivals: Rivals,
  options: ArrangeOptions,
): Promise<ArrangementChoice> {
  const { inTurn, parallel } = rivals;
  if (options.wanted === "parallel") return unmeasured("parallel", "configured", parallel);
  try {
    return await measure(settings, rivals, options);
  } catch (error) {
    await inTurn[Symbol.asyncDispose]();
    await parallel[Symbol.asyncDispose]();
    throw error;
  }
}

/** Whether two members ever run for the same rows. */
function hasCompany({ members }: DeviceSettings): boolean {
  return new Set(members.map(({ stage = 0 }) => stage)).size < members.length;
}

async function openShared(
  settings: DeviceSettings,
  inTurn: MemberLanes,
  cores: number,
): Promise<MemberLanes | "one-core" | "no-memory"> {
  const times = inTurn.memberMs;
  const costs = settings.members.map(({ stage = 0 }, i) => ({ stage, ms: times[i] ?? 0 }));
  const shared = shareMembers(costs, Math.min(cores, costs.length));
  if (shared.length < 2) return "one-core";
  const intraOpThreads = Math.max(1, Math.floor(cores / shared.length));
  try {
    return await MemberLanes.open({ ...settings, intraOpThreads }, shared);
  } catch (error) {
    if (error instanceof DeviceMemoryError) return "no-memory";
    await inTurn[Symbol.asyncDispose]();
    throw error;
  }
}

const LEAST_ROUNDS = 1;
const MOST_ROUNDS = 5;

/** Rounds in turn, so that a machine that others use is as slow for one as for the other. */
async function measure(
  settings: DeviceSettings,
  { inTurn, parallel }: Rivals,
  { limitMs, now }: ArrangeOptions,
): Promise<ArrangementChoice> {
  const startedAt = now();
  const time = async (lanes: MemberLanes, atOnce: boolean): Promise<number> => {
    const begunAt = now();
    await runAllStages(settings, { lanes, atOnce });
    return now() - begunAt;
  };
  const inTurnTimes: number[] = [];
  const parallelTimes: number[] = [];
  while (inTurnTimes.length < MOST_ROUNDS) {
    if (inTurnTimes.length >= LEAST_ROUNDS && now() - startedAt >= limitMs) break;
    inTurnTimes.push(await time(inTurn, false));
    parallelTimes.push(await time(parallel, true));
  }
  const [inTurnMs, parallelMs] = [median(inTurnTimes), median(parallelTimes)];
  const isParallel = parallelMs < inTurnMs;
  return {
    arrangement: isParallel ? "parallel" : "in-turn",
    reason: "faster",
    lanes: isParallel ? parallel.count : inTurn.count,
    inTurnMs,
    parallelMs,
  };
}

async function runAllStages(
  { members, maxRows }: DeviceSettings,
  { lanes, atOnce }: { readonly lanes: MemberLanes; readonly atOnce: boolean },
): Promise<void> {
  for (const stage of new Set(members.map((member) => member.stage ?? 0))) {
    await lanes.run({ rows: maxRows, buffer: 2 * stage }, { atOnce });
  }
}

function unmeasured(
  arrangement: Arrangement,
  reason: ArrangementChoice["reason"],
  { count: lanes }: MemberLanes,
): ArrangementChoice {
  return { arrangement, reason, lanes, inTurnMs: null, parallelMs: null };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
