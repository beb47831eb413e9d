/** Thrown at start when a source's folder is not there, is no directory, or may not be listed. Names the setting; exit code 78. */
export class FolderUnusableError extends Error {
  override readonly name = "FolderUnusableError";
  readonly code = "FOLDER_UNUSABLE";
  readonly retryable = false;
  readonly exitCode = 78;
}
