import { Option } from "@commander-js/extra-typings";
import { CALIBRATION_METHODS } from "@sluice/models";
import { parseCount } from "../commands/arguments.ts";
import { parseProbability, parseWeightBits } from "./precision-arguments.ts";

/** More than anyone waits for. */
const MOST_PICTURES = 100_000;

/** Options of a command that can write precision variants. */
export function precisionFlags() {
  return {
    fp16: new Option("--fp16", "write onnx/model_fp16.onnx too, for GPUs"),
    int8: new Option("--int8", "write onnx/model_quantized.onnx too, for CPUs"),
    pictures: new Option(
      "--pictures <folder>",
      "pictures like those to come, to calibrate and to compare on",
    ),
    calibrationPictures: new Option(
      "--calibration-pictures <count>",
      "pictures that int8 is calibrated on",
    )
      .argParser(parseCount(MOST_PICTURES))
      .default(128),
    heldOut: new Option(
      "--held-out <count>",
      "other pictures, on which variants are compared with the float model",
    )
      .argParser(parseCount(MOST_PICTURES))
      .default(128),
    calibration: new Option(
      "--calibration <method>",
      "how int8 chooses the ranges of activations; auto tries all",
    )
      .choices(["auto", ...CALIBRATION_METHODS] as const)
      .default("auto" as const),
    weightBits: new Option(
      "--weight-bits <bits>",
      "7, exact on every processor, or 8, for those with VNNI or dot product instructions",
    )
      .argParser(parseWeightBits)
      .default(7 as const),
    decisionThreshold: new Option(
      "--decision-threshold <probability>",
      "from which on a class counts as decided in the comparison",
    )
      .argParser(parseProbability)
      .default(0.5),
    allowPartial: new Option(
      "--allow-partial",
      "keep an int8 model of which ONNX Runtime computes a part in float32",
    ),
  };
}
