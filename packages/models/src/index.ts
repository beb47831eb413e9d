export type { ImageSettings } from "./architectures/architecture.ts";
export { buildFromCard, readModelCard } from "./build-from-card.ts";
export {
  buildModelDirectory,
  checkBuild,
  type BuildFacts,
  type BuildOptions,
  type ModelPlan,
} from "./build-model.ts";
export { pixelSpecOf } from "./directory/pixel-spec.ts";
export type { Precision } from "./directory/precision.ts";
export type { Preprocessing } from "./directory/preprocessor-config.ts";
export { readModelDirectory, type ModelDirectory } from "./directory/read-directory.ts";
export { inspectDirectory, type DirectoryReport } from "./inspect/inspect-directory.ts";
export { inspectModel, type ModelReport } from "./inspect/inspect-model.ts";
export type { OnnxOutput, OnnxPort, OnnxReport } from "./inspect/inspect-onnx.ts";
export type { WeightsReport } from "./inspect/inspect-weights.ts";
export type { ExternalFile } from "./inspect/locate-external-data.ts";
export { countClasses } from "./labels/count-classes.ts";
export { IMAGENET_LABELS } from "./labels/imagenet-labels.ts";
export {
  loadEnsemble,
  resolveCascade,
  type CascadeSettings,
  type EnsembleSettings,
  type LoadedEnsemble,
} from "./ensemble/load-ensemble.ts";
export { describeChoice } from "./ensemble/describe-choice.ts";
export {
  settlePrecisions,
  type PrecisionChoice,
  type SettledMember,
  type SettlingRequest,
} from "./ensemble/settle-precisions.ts";
export { writeWithHead, type HeadOptions } from "./directory/write-with-head.ts";
export { listArchitectures, type ArchitectureFacts } from "./list-architectures.ts";
export { ModelError } from "./model-error.ts";
export { deriveProductionGraph } from "./onnx/production-graph.ts";
export { CALIBRATION_METHODS, type CalibrationMethod } from "./precision/choose-range.ts";
export type { Agreement } from "./precision/compare-outputs.ts";
export { examineVariants, type ExaminedVariants } from "./precision/examine-variants.ts";
export type { OpenGraph } from "./precision/graph-session.ts";
export type { GraphTimer } from "./precision/graph-timer.ts";
export { REFUSAL_REASONS } from "./precision/judge-variant.ts";
export { QuantizationIncompleteError } from "./precision/quantization-incomplete-error.ts";
export type { WeightBits } from "./precision/quantize-weights.ts";
export { VARIANTS, type Variant } from "./precision/variant.ts";
export type { VariantLimits } from "./precision/variant-limits.ts";
export type { VariantReport } from "./precision/variant-report.ts";
export { variantsFor } from "./precision/variants-for.ts";
export {
  writeVariants,
  type PictureSample,
  type VariantProgress,
  type VariantsRequest,
} from "./precision/write-variants.ts";
export { WeightsFileError } from "./weights/weights-file-error.ts";
