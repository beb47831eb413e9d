import type { SourceName } from "@sluice/contracts";

/** How far a log file was dealt with. The file is known by its first bytes, because names and inodes are used again. */
export interface LogCheckpoint {
  /** Path of the log that the file is, or was before it was rotated. */
  readonly log: string;
  readonly fingerprint: LogFingerprint;
  /** Everything before this byte (of the plain text, if the file is compressed) is dealt with. */
  readonly offset: number;
  /** Nothing will follow. */
  readonly isFinished: boolean;
  readonly updatedAtMs: number;
}

export interface LogFingerprint {
  /** How many of the first bytes were taken. */
  readonly length: number;
  /** Their SHA-256 in hexadecimal. */
  readonly sha256: string;
}

/** Port: the checkpoints of a source's logs. Written as one transaction, after the journal holds what the lines named. */
export interface LogCheckpoints {
  read(source: SourceName): readonly LogCheckpoint[];
  /** Replaces all of the source's. */
  write(source: SourceName, checkpoints: readonly LogCheckpoint[]): void;
}
