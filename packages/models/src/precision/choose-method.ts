import type { ValueRange } from "./activation-scale.ts";
import type { ActivationStatistics } from "./activation-statistics.ts";
import { CALIBRATION_METHODS, chooseRange, type CalibrationMethod } from "./choose-range.ts";
import { compareModels } from "./compare-models.ts";
import type { Observation } from "./observe-activations.ts";
import { writeOnnxGraph, type OnnxGraph } from "./onnx-graph.ts";

/** Pictures, of those to calibrate on, that every method is tried with. */
const TRIED = 32;

/** A method and the network that it gives. */
export interface Calibrated {
  readonly method: CalibrationMethod;
  readonly quantized: OnnxGraph;
}

/**
 * Quantises with every method and takes the one whose scores come closest to the float network's on pictures that were
 * calibrated on. No method is the best for all networks: a few pictures with huge activations spoil `minmax`, and are spoilt by
 * `entropy`.
 *
 * @param quantize gives the network for ranges of the observed tensors
 */
export async function chooseMethod(
  { graph, pictures, preprocessing, openGraph }: Omit<Observation, "tensors" | "onProgress">,
  observed: ReadonlyMap<string, ActivationStatistics>,
  quantize: (ranges: ReadonlyMap<string, ValueRange>) => OnnxGraph,
): Promise<Calibrated> {
  await using float = await openGraph(Buffer.concat(writeOnnxGraph(graph)));
  let best: (Calibrated & { readonly error: number }) | null = null;
  for (const method of CALIBRATION_METHODS) {
    const quantized = quantize(chooseRanges(observed, method));
    await using variant = await openGraph(Buffer.concat(writeOnnxGraph(quantized)));
    const pair = { float, variant, pictures: pictures.slice(0, TRIED), preprocessing };
    const { meanLogitError: error } = await compareModels({ ...pair, decisionThreshold: 1 });
    if (best === null || error < best.error) best = { method, quantized, error };
  }
  if (best === null) throw new Error("there is no calibration method");
  return best;
}

export function chooseRanges(
  observed: ReadonlyMap<string, ActivationStatistics>,
  method: CalibrationMethod,
): ReadonlyMap<string, ValueRange> {
  return new Map([...observed].map(([name, values]) => [name, chooseRange(values, method)]));
}
