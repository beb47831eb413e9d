export { allocateBatchBuffers, bytesPerRow, type BatchBuffers } from "./batch-buffer.ts";
export {
  Dispatcher,
  type DispatcherEvents,
  type DispatcherOptions,
  type EngineLoss,
} from "./dispatcher.ts";
export {
  deriveEnsembleDigest,
  fuseRows,
  type Ensemble,
  type ImageScores,
  type Member,
} from "./ensemble.ts";
export { Pipeline, type PipelineOptions, type ReleaseReason } from "./pipeline.ts";
export type {
  DecodedImage,
  Device,
  EngineItem,
  EngineOutcome,
  ImageDecoder,
  NotScanned,
  ObjectReader,
  PixelSpec,
  ReadResult,
} from "./ports.ts";
