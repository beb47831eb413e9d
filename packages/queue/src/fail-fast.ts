import { QueueUnavailableError } from "./errors.ts";

/** Runs one command of a producer; whatever Redis has against it becomes one error that callers know. */
export async function failFast<T>(command: () => Promise<T>): Promise<T> {
  try {
    return await command();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new QueueUnavailableError(
      `Redis did not take the command (${reason}): try the same one again; if it stays so, see whether Redis runs and has memory left`,
      { cause: error },
    );
  }
}
