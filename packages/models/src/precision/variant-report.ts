import type { Sha256 } from "@sluice/contracts";
import type { CalibrationMethod } from "./choose-range.ts";
import type { Agreement } from "./compare-outputs.ts";
import type { Speed } from "./measure-speed.ts";
import type { WeightBits } from "./quantize-weights.ts";
import type { Variant } from "./variant.ts";

/** Which pictures were used. */
export interface SampleFacts {
  readonly pictures: number;
  /** SHA-256 over the SHA-256 of each file, in order. */
  readonly digest: Sha256;
}

/** What is written beside a variant: how it was made, and how far it agrees with the float model. */
export interface VariantReport {
  readonly version: 1;
  readonly variant: Variant;
  readonly file: string;
  readonly sha256: Sha256;
  readonly bytes: number;
  readonly float: { readonly sha256: Sha256; readonly bytes: number };
  /** Null for fp16, which needs none. */
  readonly calibration:
    | (SampleFacts & { readonly method: CalibrationMethod; readonly weightBits: WeightBits })
    | null;
  readonly heldOut: SampleFacts;
  readonly agreement: Agreement;
  /** Null for fp16, which is for GPUs: a CPU computes it in float32. */
  readonly speed: Speed | null;
  /** Operators that ONNX Runtime really runs, see `countOperators`; null for fp16. */
  readonly operators: Readonly<Record<string, number>> | null;
  /** Layers that stayed in float32 under --allow-partial. */
  readonly floatLayers: readonly string[];
  readonly runtime: string;
}
