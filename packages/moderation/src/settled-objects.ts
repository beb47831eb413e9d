import type { SettledJob } from "@sluice/contracts";
import type { Effect } from "./effect.ts";

/** Notices to ingest about finished effects: one per chunk, source and root. */
export function settledObjects(effects: readonly Effect[]): readonly SettledJob[] {
  const groups = Map.groupBy(effects, ({ chunkId, source, root }) =>
    JSON.stringify([chunkId, source, root]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { chunkId, source, root } = first;
    const objects = group.map(({ path, version }) => ({ path, version }));
    return [{ v: 1 as const, chunkId, source, root, objects }];
  });
}
