import type { Answer, SettledJob } from "@sluice/contracts";
import type { Effect } from "./effect.ts";
import type { EffectId } from "./ids.ts";

/**
 * Notices to ingest about finished effects: one per chunk, source and root.
 *
 * @param answers what was decided, by effect, where somebody waits for it
 */
export function settledObjects(
  effects: readonly Effect[],
  answers: ReadonlyMap<EffectId, Answer> = new Map(),
): readonly SettledJob[] {
  const groups = Map.groupBy(effects, ({ chunkId, source, root }) =>
    JSON.stringify([chunkId, source, root]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { chunkId, source, root } = first;
    const objects = group.map(({ id, path, version }) => {
      const answer = answers.get(id);
      return { path, version, ...(answer !== undefined && { answer }) };
    });
    return [{ v: 1 as const, chunkId, source, root, objects }];
  });
}
