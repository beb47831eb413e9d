/** What is known of a member when it gets its lane. */
export interface MemberCost {
  /** Of a cascade; members of different stages never run at the same time. */
  readonly stage: number;
  /** Time of the largest batch. */
  readonly ms: number;
}

/**
 * Which members share a lane, so that the lanes of a stage end at about the same time: the slowest member first, each to the lane that
 * has the least to do in its stage.
 *
 * @returns per lane the members' indices, ascending; never an empty lane
 */
export function shareMembers(members: readonly MemberCost[], lanes: number): readonly number[][] {
  const shared = Array.from({ length: lanes }, (): number[] => []);
  const busyMs = shared.map(() => new Map<number, number>());
  const slowestFirst = members.map((member, index) => ({ ...member, index }));
  slowestFirst.sort((a, b) => b.ms - a.ms || a.index - b.index);
  for (const { stage, ms, index } of slowestFirst) {
    const loads = busyMs.map((ofStage) => ofStage.get(stage) ?? 0);
    const lane = loads.indexOf(Math.min(...loads));
    shared[lane]?.push(index);
    busyMs[lane]?.set(stage, (loads[lane] ?? 0) + ms);
  }
  return shared.filter((own) => own.length > 0).map((own) => own.toSorted((a, b) => a - b));
}
