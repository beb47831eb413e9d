/** Thrown at start when a source's folder is not there, is no directory, or may not be listed. Names the setting; exit code 78. */
export class FolderUnusableError extends Error {
  override readonly name = "FolderUnusableError";
  readonly code = "FOLDER_UNUSABLE";
  readonly retryable = false;
  readonly exitCode = 78;
}

/** Thrown to whoever waited for an answer of a folder's thread when that has ended; another thread is started, and it is asked again. */
export class FolderThreadError extends Error {
  override readonly name = "FolderThreadError";
  readonly code = "FOLDER_THREAD_LOST";
  readonly retryable = true;

  constructor() {
    super("the folder's thread has ended; another one is started");
  }
}
