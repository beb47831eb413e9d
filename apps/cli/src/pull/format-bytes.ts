const UNITS = ["B", "KiB", "MiB", "GiB"] as const;

/** "512 B", "9.8 MiB", "528 MiB": one figure that a person can compare. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}
