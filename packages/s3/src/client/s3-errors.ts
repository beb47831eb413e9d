/** What was asked of a server, for messages. */
export interface S3Request {
  /** As permissions call it, such as `GetObject`. */
  readonly action: string;
  readonly bucket: string;
  readonly key?: string;
}

/** The server refuses: no permission, a wrong key or clock, or an object that is locked. */
export class S3AccessDeniedError extends Error {
  override readonly name = "S3AccessDeniedError";
  readonly code = "S3_ACCESS_DENIED";
  readonly retryable = true;
  constructor(request: S3Request, answer: string, cause?: unknown) {
    super(
      `${describe(request)} was refused (${answer}). Check the credentials and allow s3:${request.action} on it.`,
      { cause },
    );
  }
}

/** There is no such bucket at this endpoint. Nothing in it counts as gone because of that. */
export class S3BucketMissingError extends Error {
  override readonly name = "S3BucketMissingError";
  readonly code = "S3_BUCKET_MISSING";
  readonly retryable = true;
  constructor({ bucket }: S3Request, cause?: unknown) {
    super(`There is no bucket ${JSON.stringify(bucket)} here. Check its name and the endpoint.`, {
      cause,
    });
  }
}

/** The server asks for fewer requests. */
export class S3BusyError extends Error {
  override readonly name = "S3BusyError";
  readonly code = "S3_BUSY";
  readonly retryable = true;
  constructor(request: S3Request, answer: string, cause?: unknown) {
    super(`${describe(request)} was put off (${answer}). It is tried again.`, { cause });
  }
}

/** No answer, or one that says that the server failed. */
export class S3UnavailableError extends Error {
  override readonly name = "S3UnavailableError";
  readonly code = "S3_UNAVAILABLE";
  readonly retryable = true;
  constructor(request: S3Request, answer: string, cause?: unknown) {
    super(`${describe(request)} failed (${answer}). It is tried again.`, { cause });
  }
}

/** No credentials could be found. */
export class S3CredentialsError extends Error {
  override readonly name = "S3CredentialsError";
  readonly code = "S3_CREDENTIALS_MISSING";
  readonly retryable = true;
  constructor(request: S3Request, cause?: unknown) {
    super(
      `${describe(request)}: no credentials. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile, or give this host a role.`,
      { cause },
    );
  }
}

/** The server does not understand or does not offer what was asked. */
export class S3RequestRefusedError extends Error {
  override readonly name = "S3RequestRefusedError";
  readonly code = "S3_REQUEST_REFUSED";
  readonly retryable = false;
  constructor(request: S3Request, answer: string, cause?: unknown) {
    super(`${describe(request)} cannot be done (${answer}).`, { cause });
  }
}

/** An answer ended before all of its bytes had come. */
export class S3BodyIncompleteError extends Error {
  override readonly name = "S3BodyIncompleteError";
  readonly code = "S3_BODY_INCOMPLETE";
  readonly retryable = true;
  constructor(
    request: S3Request,
    { got, expected, cause }: { got: number; expected: number; cause?: unknown },
  ) {
    super(`${describe(request)} gave ${got} of ${expected} bytes.`, { cause });
  }
}

/** The file with the customer's key cannot be read, or holds no key. */
export class S3KeyFileError extends Error {
  override readonly name = "S3KeyFileError";
  readonly code = "S3_KEY_FILE_INVALID";
  readonly retryable = false;
  readonly exitCode = 78;
  constructor(path: string, reason: string, cause?: unknown) {
    super(
      `sseCustomerKeyFile: expected ${path} to hold a key of 32 bytes, or its base64; ${reason}.`,
      { cause },
    );
  }
}

/** Nothing says in which region a bucket is. */
export class S3RegionMissingError extends Error {
  override readonly name = "S3RegionMissingError";
  readonly code = "S3_REGION_MISSING";
  readonly retryable = false;
  readonly exitCode = 78;
  constructor(bucket: string, cause: unknown) {
    super(
      `roots: expected a region for the bucket ${JSON.stringify(bucket)}; set its region, AWS_REGION, or a profile that has one.`,
      { cause },
    );
  }
}

export type S3Error =
  | S3AccessDeniedError
  | S3BucketMissingError
  | S3BusyError
  | S3UnavailableError
  | S3CredentialsError
  | S3RequestRefusedError
  | S3BodyIncompleteError;

function describe({ action, bucket, key }: S3Request): string {
  return `${action} ${JSON.stringify(key === undefined ? bucket : `${bucket}/${key}`)}`;
}
