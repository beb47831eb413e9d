export { isRetryable, type ChunkSender } from "./chunk-sender.ts";
export type { CancelSchedule, Clock } from "./clock.ts";
export { DecidedRound } from "./decided-round.ts";
export { DueHeap } from "./due-heap.ts";
export { Intake, type IntakeOptions } from "./intake.ts";
export type { ChunkPlan, Journal, JournalCounts, VersionedPath } from "./journal.ts";
export type { LogCheckpoint, LogCheckpoints, LogFingerprint } from "./log-checkpoints.ts";
export { MemoryJournal } from "./memory-journal.ts";
export type { Looked, ObjectLooker } from "./object-looker.ts";
export {
  SelfClockedSender,
  type SelfClockedSenderOptions,
  type SenderState,
} from "./self-clocked-sender.ts";
export { judgeSettled, type Look, type SettleVerdict } from "./settle-rule.ts";
export type { DailyHours, Pace } from "./pacer.ts";
export { ReconcileSchedule } from "./reconcile-schedule.ts";
export { Sleeper } from "./sleeper.ts";
export { recordSettled } from "./settled-notice.ts";
export type { Sighting } from "./sighting.ts";
export { chunkIdOf, toChunkJob, type SourceBinding } from "./source-binding.ts";
export type { SourceEvents } from "./source-events.ts";
// uploads: received, not found
export type { AnswerBook } from "./uploads/answer-book.ts";
export {
  UploadEmptyError,
  UploadsFullError,
  UploadTooLargeError,
  type Spool,
  type StoredUpload,
} from "./uploads/spool.ts";
export {
  UploadDesk,
  type AcceptedUpload,
  type UploadDeskOptions,
  type UploadState,
} from "./uploads/upload-desk.ts";
export { newUploadId } from "./uploads/upload-id.ts";
// end of uploads
