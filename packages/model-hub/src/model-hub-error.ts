/**
 * Thrown when a model cannot be fetched. The message names the file or address, what was expected, what was found and
 * what to do; each subclass is one cause with its own code.
 */
export abstract class ModelHubError extends Error {
  abstract readonly code: string;
  readonly retryable: boolean = false;
  readonly exitCode: number = 1;
}

/** The text that names a model cannot be understood. */
export class ModelReferenceError extends ModelHubError {
  override readonly name = "ModelReferenceError";
  override readonly code = "MODEL_REFERENCE_INVALID";
  override readonly exitCode = 2;
}

/** The hub answers, but the repository, revision or file is not there, or holds nothing that can be used. */
export class ModelNotFoundError extends ModelHubError {
  override readonly name = "ModelNotFoundError";
  override readonly code = "MODEL_NOT_FOUND";
}

/** The hub wants a token, or refuses the one that was sent. */
export class HubAccessError extends ModelHubError {
  override readonly name = "HubAccessError";
  override readonly code = "HUB_ACCESS_DENIED";
  override readonly exitCode = 78;
}

/** No connection, no byte for too long, a connection that broke off, or a server that is overloaded. */
export class HubUnavailableError extends ModelHubError {
  override readonly name = "HubUnavailableError";
  override readonly code = "HUB_UNAVAILABLE";
  override readonly retryable = true;
  override readonly exitCode = 69;
}

/** A server answered something that cannot be trusted or understood. */
export class HubResponseError extends ModelHubError {
  override readonly name = "HubResponseError";
  override readonly code = "HUB_RESPONSE_INVALID";
}

/** A server sent us to a host that is not on the list, or from https to http. */
export class RedirectRefusedError extends ModelHubError {
  override readonly name = "RedirectRefusedError";
  override readonly code = "HUB_REDIRECT_REFUSED";
  override readonly exitCode = 78;
}

/** A file, or all files of a model, are larger than `maxBytes`. */
export class DownloadTooLargeError extends ModelHubError {
  override readonly name = "DownloadTooLargeError";
  override readonly code = "DOWNLOAD_TOO_LARGE";
}

/** The bytes are not the ones whose hash was published; they have been removed. */
export class DownloadCorruptError extends ModelHubError {
  override readonly name = "DownloadCorruptError";
  override readonly code = "DOWNLOAD_CORRUPT";
}

/** Another process fetches the same file into the same cache. */
export class DownloadInProgressError extends ModelHubError {
  override readonly name = "DownloadInProgressError";
  override readonly code = "DOWNLOAD_IN_PROGRESS";
  override readonly retryable = true;
  override readonly exitCode = 75;
}

/** Nothing may be fetched (offline), and the cache lacks it. */
export class ModelNotCachedError extends ModelHubError {
  override readonly name = "ModelNotCachedError";
  override readonly code = "MODEL_NOT_CACHED";
  override readonly exitCode = 69;
}

/** The cache or the target folder cannot be written, or the target holds something already. */
export class PullTargetError extends ModelHubError {
  override readonly name = "PullTargetError";
  override readonly code = "PULL_TARGET_UNUSABLE";
  override readonly exitCode = 78;
}

/** A setting of the environment cannot be used. */
export class HubSettingsError extends ModelHubError {
  override readonly name = "HubSettingsError";
  override readonly code = "HUB_SETTINGS_INVALID";
  override readonly exitCode = 78;
}
