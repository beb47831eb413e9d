import { ModelHubError, PullTargetError } from "./model-hub-error.ts";

/**
 * Runs what reads and writes the cache or the target; a failure of the file system (full, read-only, no permission)
 * becomes a PullTargetError that names the path.
 */
export async function explainingDiskFailures<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isSystemFailure(error)) throw error;
    const place = "path" in error && typeof error.path === "string" ? `${error.path}: ` : "";
    throw new PullTargetError(`${place}the cache or the target cannot be used (${error.message})`, {
      cause: error,
    });
  }
}

/** Those of the file system; what a connection does has been explained before. */
export function isSystemFailure(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error && !(error instanceof ModelHubError);
}
