/**
 * The mean over the views of each frame.
 *
 * @param rows per frame and view (all views of the first frame first), per member, probabilities
 * @returns per frame, per member; a number that is NaN in one view is NaN
 */
export function averageViews(
  rows: readonly (readonly Float32Array[])[],
  views: number,
): readonly (readonly Float32Array[])[] {
  if (views === 1) return rows;
  const frames: Float32Array[][] = [];
  for (let first = 0; first < rows.length; first += views) {
    const ofFrame = rows.slice(first, first + views);
    frames.push((ofFrame[0] ?? []).map((_, m) => mean(ofFrame.map((members) => members[m] ?? []))));
  }
  return frames;
}

/** Summed in float64, so that the order of the views does not show in what is told. */
function mean(rows: readonly ArrayLike<number>[]): Float32Array {
  const sums = new Float64Array(rows[0]?.length ?? 0);
  for (const row of rows) {
    for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) + (row[i] ?? Number.NaN);
  }
  return Float32Array.from(sums, (sum) => sum / rows.length);
}
