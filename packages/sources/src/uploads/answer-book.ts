import type { Answer, UploadId } from "@sluice/contracts";

/** Port: the answers of the last while, for those who ask later; durable, bounded by age and number. */
export interface AnswerBook {
  /** Writes an answer down; the oldest go when there are too many. */
  write(id: UploadId, answer: Answer, atMs: number): void;
  read(id: UploadId): Answer | null;
  /** Removes what is older. */
  forget(beforeMs: number): void;
}
