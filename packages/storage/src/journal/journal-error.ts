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
