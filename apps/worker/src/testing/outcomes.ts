import type { ObjectRef, VerdictJob } from "@sluice/contracts";

export function names(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${i}.jpg`);
}

/** Kind or reason of every outcome, by path. */
export function byPath(verdicts: readonly VerdictJob[]): Record<string, string> {
  const outcomes = verdicts.flatMap((verdict) => verdict.outcomes);
  return Object.fromEntries(
    outcomes.map(({ object, classification }) => [
      object.path,
      "reason" in classification ? classification.reason : classification.kind,
    ]),
  );
}

export function split(objects: readonly ObjectRef[], size: number): ObjectRef[][] {
  const chunks: ObjectRef[][] = [];
  for (let i = 0; i < objects.length; i += size) chunks.push(objects.slice(i, i + size));
  return chunks;
}
