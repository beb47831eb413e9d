import { resolve } from "node:path";
import { VARIANTS, type CalibrationMethod, type Variant, type WeightBits } from "@sluice/models";
import { CliError } from "../cli-error.ts";
import { EXIT_CODE } from "../exit-code.ts";

/** What the command line says about precision variants. */
export interface PrecisionOptions {
  readonly fp16?: true | undefined;
  readonly int8?: true | undefined;
  readonly pictures?: string | undefined;
  readonly calibrationPictures: number;
  readonly heldOut: number;
  readonly calibration: CalibrationMethod | "auto";
  readonly weightBits: WeightBits;
  readonly decisionThreshold: number;
  readonly allowPartial?: true | undefined;
}

export interface PrecisionRequest {
  readonly variants: readonly Variant[];
  readonly picturesFolder: string;
  readonly calibrationPictures: number;
  readonly heldOutPictures: number;
  readonly method: CalibrationMethod | "auto";
  readonly weightBits: WeightBits;
  readonly decisionThreshold: number;
  readonly allowPartial: boolean;
}

/** Null when no variant is asked for. @throws CliError USAGE when pictures are missing, or given for nothing */
export function readPrecisionOptions(
  options: PrecisionOptions,
  cwd: string,
): PrecisionRequest | null {
  const { pictures } = options;
  const variants = VARIANTS.filter((variant) => options[variant] === true);
  if (variants.length === 0 && pictures === undefined) return null;
  if (variants.length === 0 || pictures === undefined) {
    throw new CliError(
      "USAGE",
      "models build: --fp16 and --int8 are compared with the float model on pictures; give --pictures <folder> with one or both of them",
      { exitCode: EXIT_CODE.usage },
    );
  }
  return {
    variants,
    picturesFolder: resolve(cwd, pictures),
    calibrationPictures: variants.includes("int8") ? options.calibrationPictures : 0,
    heldOutPictures: options.heldOut,
    method: options.calibration,
    weightBits: options.weightBits,
    decisionThreshold: options.decisionThreshold,
    allowPartial: options.allowPartial === true,
  };
}
