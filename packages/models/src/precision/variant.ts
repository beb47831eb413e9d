/** A form of a model in fewer bits. */
export const VARIANTS = ["fp16", "int8"] as const;
export type Variant = (typeof VARIANTS)[number];

/** Below the model directory, under the names that transformers.js looks for. */
export const VARIANT_FILES: Readonly<
  Record<Variant, { readonly onnx: string; readonly report: string }>
> = {
  fp16: { onnx: "onnx/model_fp16.onnx", report: "onnx/model_fp16.report.json" },
  int8: { onnx: "onnx/model_quantized.onnx", report: "onnx/model_quantized.report.json" },
};
