/**
 * In which numbers a network computes; each is a file of its own in a model directory, under the names that transformers.js
 * looks for.
 */
export const PRECISION_FILES = {
  float32: "onnx/model.onnx",
  fp16: "onnx/model_fp16.onnx",
  int8: "onnx/model_quantized.onnx",
} as const;
export type Precision = keyof typeof PRECISION_FILES;
