export { answerSchema, MAX_ANSWER_SCORES, type Answer } from "./answer.ts";
export {
  ensembleNameSchema,
  policyNameSchema,
  rootNameSchema,
  sha256Schema,
  sourceNameSchema,
  type EnsembleName,
  type PolicyName,
  type RootName,
  type Sha256,
  type SourceName,
} from "./brand.ts";
export {
  chunkIdSchema,
  chunkJobSchema,
  deriveChunkId,
  laneSchema,
  MAX_CHUNK_OBJECTS,
  type ChunkContent,
  type ChunkId,
  type ChunkJob,
  type Lane,
} from "./chunk-job.ts";
export {
  classificationSchema,
  embeddingSchema,
  MAX_EMBEDDING_DIMENSIONS,
  type Embedding,
  labelScoreSchema,
  memberScoresSchema,
  unscannableReasonSchema,
  type Classification,
  type Classified,
  type LabelScore,
  type MemberScores,
  type Unscannable,
  type UnscannableReason,
} from "./classification.ts";
export { ensembleInfoSchema, type EnsembleInfo } from "./ensemble-info.ts";
export {
  decodeObjectPath,
  encodeObjectPath,
  objectPathSchema,
  type ObjectPath,
} from "./object-path.ts";
export {
  objectRefSchema,
  objectVersionSchema,
  type ObjectRef,
  type ObjectVersion,
} from "./object-ref.ts";
export { deriveSettledJobId, settledJobSchema, type SettledJob } from "./settled-job.ts";
export {
  deriveVerdictJobId,
  outcomeSchema,
  verdictJobSchema,
  type Outcome,
  type VerdictJob,
} from "./verdict-job.ts";
export { uploadIdSchema, type UploadId } from "./upload-id.ts";
