/** Value below which `fraction` (0 to 1) of the values lie, by the nearest rank; null for no values. */
export function quantile(values: readonly number[], fraction: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.max(0, Math.ceil(fraction * sorted.length) - 1);
  return sorted[rank] ?? null;
}
