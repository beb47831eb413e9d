import type { LogFingerprint } from "@sluice/sources";
import type { Lines } from "./line-cutter.ts";

/** Reads one log file, plain or compressed, from some line on. */
export interface LogReader extends AsyncDisposable {
  /** Grows with the file until enough bytes are there. */
  readonly fingerprint: LogFingerprint;
  /** Where the next line begins. */
  readonly at: number;
  /**
   * The whole lines that follow; null when there are none now. Rejects with LogReplacedError when the file is not any more the one
   * that it was, and with the system's errors.
   */
  read(): Promise<Lines | null>;
  /** What follows the last line break; for a file that is not written to any more. */
  finish(): Lines | null;
  /** Lines that were too long since this was last asked. */
  takeTooLong(): number;
}

/** How one file is told from another while both exist. */
export interface FileIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
}

/** Bytes read at once. */
export const CHUNK_BYTES = 1 << 20;

/** Thrown to the tail when a log was truncated (copytruncate) or overwritten, perhaps after having grown again. It opens it anew. */
export class LogReplacedError extends Error {
  override readonly name = "LogReplacedError";
  readonly code = "LOG_REPLACED";
  readonly retryable = true;

  constructor() {
    super("the log was truncated or overwritten; it is read from its beginning");
  }
}
