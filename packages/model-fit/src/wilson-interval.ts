/** 97.5 % point of the normal distribution. */
const Z = 1.959963984540054;

/**
 * 95 % interval for a share of which `hits` of `trials` were seen: E. B. Wilson, JASA 22 (1927). Unlike the
 * plain normal interval it holds for few trials and for shares near 0 and 1.
 *
 * @param trials at least 1
 */
export function wilsonInterval(hits: number, trials: number): readonly [low: number, high: number] {
  const share = hits / trials;
  const zz = (Z * Z) / trials;
  const centre = (share + zz / 2) / (1 + zz);
  const half = (Z / (1 + zz)) * Math.sqrt((share * (1 - share)) / trials + zz / (4 * trials));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}
