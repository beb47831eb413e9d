import type { ValueRange } from "./activation-scale.ts";
import type { ActivationStatistics } from "./activation-statistics.ts";
import { CALIBRATION_METHODS, chooseRange, type CalibrationMethod } from "./choose-range.ts";
import { compareOutputs } from "./compare-outputs.ts";
import type { Observation } from "./observe-activations.ts";
import { writeOnnxGraph, type OnnxGraph } from "./onnx-graph.ts";
import { scorePictures } from "./score-pictures.ts";

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
  const tried = pictures.slice(0, TRIED);
  const scoresOf = async (network: OnnxGraph): Promise<readonly Float32Array[]> => {
    await using session = await openGraph(Buffer.concat(writeOnnxGraph(network)));
    return await scorePictures(session, tried, preprocessing);
  };
  const expected = await scoresOf(graph);
  let best: (Calibrated & { readonly error: number }) | null = null;
  for (const method of CALIBRATION_METHODS) {
    const quantized = quantize(chooseRanges(observed, method));
    const actual = await scoresOf(quantized);
    const { meanLogitError: error } = compareOutputs({ expected, actual, decisionThreshold: 1 });
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
