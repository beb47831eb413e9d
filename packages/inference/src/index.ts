export type { ReleaseReason } from "./batch-assembler.ts";
export { allocateBatchBuffers, bytesPerRow, writeRow, type BatchBuffers } from "./batch-buffer.ts";
export type { Agreement, Cascade, WatchedThreshold } from "./cascade/cascade.ts";
export type { CascadeExit, CascadeParts } from "./cascade/compose-cascade.ts";
export { observe, type Observation } from "./cascade/tune/observe.ts";
export {
  stageThatDecides,
  type CascadeJudgement,
  type CascadeRule,
} from "./cascade/tune/judge-cascade.ts";
export { tuneCascade, type TunedCascade, type TuningInput } from "./cascade/tune/tune-cascade.ts";
export { planStages, type StagePlan } from "./cascade/plan-stages.ts";
export { composeEnsemble, type ComposedEnsemble, type MemberFacts } from "./compose-ensemble.ts";
export { EnsembleInvalidError } from "./ensemble-invalid-error.ts";
export { Dispatcher, type DispatcherEvents, type DispatcherOptions } from "./dispatcher.ts";
export type { EngineLoss, EngineSlot } from "./engine-slot.ts";
export { deriveEnsembleDigest, type Ensemble, type LabelSet, type Member } from "./ensemble.ts";
export { chooseFrames, type Frames } from "./frames.ts";
export { toEmbedding } from "./half-embedding.ts";
export { averageViews } from "./fusion/average-views.ts";
export { fuseMembers, type MemberRow } from "./fusion/fuse-members.ts";
export { fuseRows, type ImageScores } from "./fusion/fuse-rows.ts";
export { FUSION_RULES, type FusionRule } from "./fusion/fusion-rule.ts";
export { Pipeline, type PipelineEvents, type PipelineOptions } from "./pipeline.ts";
export { READS_PER_DECODER } from "./read-ahead.ts";
export { countViews, VIEWS, type Views } from "./views.ts";
export type {
  Clock,
  DecodedImage,
  Device,
  EngineItem,
  EngineOutcome,
  FrameSample,
  ImageDecoder,
  NotScanned,
  ObjectReader,
  PixelSpec,
  ReadResult,
} from "./ports.ts";
