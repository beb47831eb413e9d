import type { ObjectPath, ObjectRef, Sha256 } from "@sluice/contracts";

export interface StoredUpload {
  readonly object: ObjectRef;
  readonly sha256: Sha256;
  /** Resolves when bytes and name would survive a power failure. */
  readonly durable: Promise<void>;
}

/** Port: a root of our own in which received uploads lie until they are decided. */
export interface Spool {
  /**
   * Stores an upload under a name. Nothing is left when it rejects.
   *
   * @throws UploadTooLargeError, UploadEmptyError, what `bytes` throws, and the system's errors
   */
  store(
    name: string,
    bytes: AsyncIterable<Uint8Array>,
    options: { readonly maxBytes: number },
  ): Promise<StoredUpload>;
  /** Whether anything lies under a path. */
  has(path: ObjectPath): boolean;
  /** All that lie there, in batches. */
  list(): AsyncIterable<readonly ObjectRef[]>;
}

/** More bytes than an upload may have; the rest was not read. */
export class UploadTooLargeError extends Error {
  override readonly name = "UploadTooLargeError";
  readonly code = "UPLOAD_TOO_LARGE";
  readonly retryable = false;
  readonly maxBytes: number;
  constructor(maxBytes: number) {
    super(`an upload may have ${maxBytes} bytes, and this one has more`);
    this.maxBytes = maxBytes;
  }
}

/** Nothing was sent. */
export class UploadEmptyError extends Error {
  override readonly name = "UploadEmptyError";
  readonly code = "UPLOAD_EMPTY";
  readonly retryable = false;
  constructor() {
    super("expected the bytes of a picture, received none");
  }
}

/** As many uploads wait for their decision as may. */
export class UploadsFullError extends Error {
  override readonly name = "UploadsFullError";
  readonly code = "UPLOADS_FULL";
  readonly retryable = true;
  constructor(maxPending: number) {
    super(`${maxPending} uploads wait for their decision; try again in a moment`);
  }
}
