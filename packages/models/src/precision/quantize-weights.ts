/** Weights of one layer in integers: `real = quantised·scale[c]` for the output channel c. */
export interface QuantizedWeights {
  /** -127…127 with 8 bits, -63…63 with 7; in the order of the weights. */
  readonly values: Int8Array;
  /** One for each output channel. */
  readonly scales: Float32Array;
  /** `real = quantised·inputScale·scale[c]`; null for a layer without bias. */
  readonly bias: Int32Array | null;
}

/**
 * How far the integers of weights go, 63 or 127. Processors without VNNI (AVX2, early AVX-512) add two products of a uint8 and an
 * int8 in 16 bits: `2·255·63` fits, `2·255·127` is cut off without notice.
 */
export const LARGEST_WEIGHT = { 7: 63, 8: 127 } as const;
export type WeightBits = keyof typeof LARGEST_WEIGHT;

/** Room for the sum of products beside the bias in 32 bits. */
const LARGEST_BIAS = 2 ** 30;

export interface FloatLayer {
  /** `[out, …]` or `[in, out]`, row-major. */
  readonly weights: Float32Array;
  /** Which dimension of the weights is that of the output channels. */
  readonly channelsAre: "first" | "last";
  readonly channels: number;
  readonly bias: Float32Array | null;
  /** Of the activations that the layer reads. */
  readonly inputScale: number;
  readonly bits: WeightBits;
}

/**
 * Quantises a layer symmetrically, each output channel with a scale of its own. Loops by index: a VGG has 138 million weights, and
 * iterators take ten times as long.
 */
export function quantizeWeights(layer: FloatLayer): QuantizedWeights {
  const { weights, bias } = layer;
  const scales = chooseScales(layer);
  const values = new Int8Array(weights.length);
  const { runLength, channels } = layoutOf(layer);
  for (let from = 0, run = 0; from < weights.length; from += runLength, run++) {
    const scale = scales[run % channels] ?? 1;
    for (let i = from; i < from + runLength; i++) values[i] = Math.round((weights[i] ?? 0) / scale);
  }
  const toInteger = (value: number, c: number): number =>
    Math.round(value / (layer.inputScale * (scales[c] ?? 1)));
  return { values, scales, bias: bias === null ? null : Int32Array.from(bias, toInteger) };
}

function chooseScales(layer: FloatLayer): Float32Array {
  const { weights, bias, inputScale, bits } = layer;
  const { runLength, channels } = layoutOf(layer);
  const largest = new Float32Array(channels);
  for (let from = 0, run = 0; from < weights.length; from += runLength, run++) {
    let top = largest[run % channels] ?? 0;
    for (let i = from; i < from + runLength; i++) top = Math.max(top, Math.abs(weights[i] ?? 0));
    largest[run % channels] = top;
  }
  return largest.map((top, c) => {
    const scaledBias = Math.abs(bias?.[c] ?? 0) / inputScale;
    return usableScale(Math.max(top / LARGEST_WEIGHT[bits], scaledBias / LARGEST_BIAS));
  });
}

/** How many weights in a row belong to one channel; the channels take turns. */
function layoutOf(layer: FloatLayer): { readonly runLength: number; readonly channels: number } {
  const { weights, channels, channelsAre } = layer;
  return { runLength: channelsAre === "last" ? 1 : weights.length / channels, channels };
}

/** A channel of zeros without bias may have any scale, only not zero. */
function usableScale(scale: number): number {
  return scale > SMALLEST ? scale : 1;
}

/** Below it, products with the activations' scale leave float32. */
const SMALLEST = 2 ** -100;
