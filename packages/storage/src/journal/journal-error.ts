/**
 * Thrown when the journal's file cannot be opened: no permission, damaged, or written by a newer version of Sluice.
 * The journal can be rebuilt from the folders themselves, which the message says.
 */
export class JournalUnusableError extends Error {
  override readonly name = "JournalUnusableError";
  readonly code = "JOURNAL_UNUSABLE";
  readonly retryable = false;
  readonly exitCode = 78;
}

/**
 * Thrown when the journal cannot be read or written in mid-run: the disk is full or broken, the file is damaged, or another
 * process holds it. Nothing is lost by ending the process: what was not written is found again.
 */
export class JournalFailedError extends Error {
  override readonly name = "JournalFailedError";
  readonly code = "JOURNAL_FAILED";
  readonly retryable = true;
  readonly exitCode = 69;
}

/** The error to pass on for one that SQLite threw: its own kind when the file or the disk is to blame, itself otherwise. */
export function describeSqliteError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !("errcode" in error)) return error;
  const { errcode } = error;
  const primary = typeof errcode === "number" ? errcode & 0xff : 0; // above it stands the extended code
  const advice = ADVICE.get(primary);
  if (advice === undefined) return error;
  return new JournalFailedError(`the journal ${path} failed (${error.message}): ${advice}`, {
    cause: error,
  });
}

/** By SQLite's result codes, see sqlite.org/rescode.html. */
const ADVICE: ReadonlyMap<number, string> = new Map([
  [5, "another process holds it; let only one ingest run on a data folder"],
  [8, "make the file writable"],
  [10, "look after the disk; the system's log says more"],
  [11, "it is damaged; move it away, a new one is then built from the folders"],
  [13, "the disk is full; make room"],
  [14, "make its folder writable"],
]);
