import type { Parts } from "../onnx/wire.ts";
import type { ValueRange } from "./activation-scale.ts";
import { chooseMethod, chooseRanges, type Calibrated } from "./choose-method.ts";
import type { CalibrationMethod } from "./choose-range.ts";
import { lowerForIntegers } from "./lower-for-integers.ts";
import { observeActivations, type Observation } from "./observe-activations.ts";
import { writeOnnxGraph, type OnnxGraph } from "./onnx-graph.ts";
import { planQuantization } from "./plan-quantization.ts";
import { quantizeGraph } from "./quantize-graph.ts";
import type { WeightBits } from "./quantize-weights.ts";

export interface QuantizationSource extends Omit<Observation, "tensors"> {
  /** `auto` tries them all. */
  readonly method: CalibrationMethod | "auto";
  readonly weightBits: WeightBits;
}

export interface QuantizedModel {
  readonly onnx: Parts;
  /** The one that was asked for, or chosen. */
  readonly method: CalibrationMethod;
}

/**
 * The network in int8, calibrated on pictures. The same network, pictures and runtime on the same processor give the same
 * bytes.
 *
 * @throws ModelError when an activation takes a value that is infinite or no number
 */
export async function makeQuantized(source: QuantizationSource): Promise<QuantizedModel> {
  const { weightBits, method: wanted } = source;
  const graph = lowerForIntegers(source.graph);
  const plan = planQuantization(graph);
  const tensors = new Set(plan.rangeOf.values());
  const observed = await observeActivations({ ...source, graph, tensors });
  const quantize = (ranges: ReadonlyMap<string, ValueRange>): OnnxGraph =>
    quantizeGraph(plan, { ranges, weightBits });
  const calibrated: Calibrated =
    wanted === "auto"
      ? await chooseMethod({ ...source, graph }, observed, quantize)
      : { method: wanted, quantized: quantize(chooseRanges(observed, wanted)) };
  return { onnx: writeOnnxGraph(calibrated.quantized), method: calibrated.method };
}
