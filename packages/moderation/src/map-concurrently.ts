/** Applies `apply` to every item, at most `concurrency` at a time; results keep the order of the items. */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  concurrency: number,
  apply: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Map<number, R>();
  const pending = items.entries();
  const lane = async () => {
    for (const [index, item] of pending) results.set(index, await apply(item));
  };
  const lanes = Array.from({ length: Math.min(concurrency, items.length) }, lane);
  const ended = await Promise.allSettled(lanes);
  const failures = ended.filter((end) => end.status === "rejected").map((end) => end.reason);
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, "several effects failed");
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}
