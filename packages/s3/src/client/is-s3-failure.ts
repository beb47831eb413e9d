import {
  S3AccessDeniedError,
  S3BodyIncompleteError,
  S3BucketMissingError,
  S3BusyError,
  S3CredentialsError,
  S3RequestRefusedError,
  S3UnavailableError,
  type S3Error,
} from "./s3-errors.ts";

/** Whether the server, its answer or the way there is to blame, and not a bug of ours. */
export function isS3Failure(error: unknown): error is S3Error {
  return (
    error instanceof S3AccessDeniedError ||
    error instanceof S3BodyIncompleteError ||
    error instanceof S3BucketMissingError ||
    error instanceof S3BusyError ||
    error instanceof S3CredentialsError ||
    error instanceof S3RequestRefusedError ||
    error instanceof S3UnavailableError
  );
}
