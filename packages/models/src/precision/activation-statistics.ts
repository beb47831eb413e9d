/** Bins on each side of zero. A power of two wide, so half of them at least are used. */
export const BINS_PER_SIDE = 2048;

/**
 * What values a tensor took over many pictures: least, greatest and a histogram that widens as needed. Bin widths are powers
 * of two, so the counts do not depend on the order of the pictures.
 */
export class ActivationStatistics {
  least = Number.POSITIVE_INFINITY;
  greatest = Number.NEGATIVE_INFINITY;
  /** Zeros are exact under every scale, and after a ReLU half of all values. They are in no bin. */
  zeros = 0;
  /** Bin `i` counts values from `(i - BINS_PER_SIDE)·binWidth` up to `binWidth` more. */
  counts = new Float64Array(2 * BINS_PER_SIDE);
  /** 0 until a value other than zero has come. */
  binWidth = 0;

  /** @returns false when a value is infinite or no number; nothing is counted then */
  add(values: Float32Array): boolean {
    let { least, greatest } = this;
    let notFinite = 0;
    // By index: there are billions of values, and an iterator takes ten times as long.
    for (let i = 0; i < values.length; i++) {
      const value = values[i] ?? 0;
      if (value < least) least = value;
      if (value > greatest) greatest = value;
      // Zero for all but infinities and NaN.
      notFinite += value - value;
    }
    if (notFinite !== 0) return false;
    this.least = least;
    this.greatest = greatest;
    if (values.length > 0) this.#widen(Math.max(-least, greatest));
    this.#count(values);
    return true;
  }

  /** Joins bins in pairs until the largest value has a place. */
  #widen(largest: number): void {
    if (largest <= 0) return;
    if (this.binWidth === 0)
      this.binWidth = 2 ** (Math.floor(Math.log2(largest)) + 1) / BINS_PER_SIDE;
    while (largest >= this.binWidth * BINS_PER_SIDE) {
      const joined = new Float64Array(this.counts.length);
      for (const [i, count] of this.counts.entries()) {
        const at = Math.floor((i - BINS_PER_SIDE) / 2) + BINS_PER_SIDE;
        joined[at] = (joined[at] ?? 0) + count;
      }
      this.counts = joined;
      this.binWidth *= 2;
    }
  }

  #count(values: Float32Array): void {
    const { counts, binWidth } = this;
    const perBin = binWidth === 0 ? 0 : 1 / binWidth;
    let zeros = 0;
    for (let i = 0; i < values.length; i++) {
      const value = values[i] ?? 0;
      if (value === 0) {
        zeros += 1;
      } else {
        const bin = Math.floor(value * perBin) + BINS_PER_SIDE;
        counts[bin] = (counts[bin] ?? 0) + 1;
      }
    }
    this.zeros += zeros;
  }
}
