/**
 * Softens (above 1) or sharpens (below 1) probabilities: `softmax(logits / temperature)`, computed from the probabilities
 * as `p^(1/T)`, normalised, which is the same. Guo et al. 2017, "On Calibration of Modern Neural Networks".
 *
 * @param temperature above 0; 1 changes nothing
 */
export function temper(probabilities: Float32Array, temperature: number): ArrayLike<number> {
  if (temperature === 1) return probabilities;
  const powers = Float64Array.from(probabilities, (p) => Math.max(0, p) ** (1 / temperature));
  const sum = powers.reduce((a, b) => a + b, 0);
  return sum === 0 ? powers : powers.map((power) => power / sum);
}
