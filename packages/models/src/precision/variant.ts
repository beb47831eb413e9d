import { PRECISION_FILES } from "../directory/precision.ts";

/** A form of a model in fewer bits. */
export const VARIANTS = ["fp16", "int8"] as const;
export type Variant = (typeof VARIANTS)[number];

/** Below the model directory. */
export const VARIANT_FILES: Readonly<
  Record<Variant, { readonly onnx: string; readonly report: string }>
> = {
  fp16: { onnx: PRECISION_FILES.fp16, report: "onnx/model_fp16.report.json" },
  int8: { onnx: PRECISION_FILES.int8, report: "onnx/model_quantized.report.json" },
};
