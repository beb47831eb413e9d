export type { ReleaseReason } from "./batch-assembler.ts";
export { allocateBatchBuffers, bytesPerRow, writeRow, type BatchBuffers } from "./batch-buffer.ts";
export {
  composeEnsemble,
  EnsembleInvalidError,
  type ComposedEnsemble,
  type MemberFacts,
} from "./compose-ensemble.ts";
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
export { Pipeline, type PipelineEvents, type PipelineOptions } from "./pipeline.ts";
export type {
  Clock,
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
