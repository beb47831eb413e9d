import { S3ServiceException } from "@aws-sdk/client-s3";
import {
  S3AccessDeniedError,
  S3BucketMissingError,
  S3BusyError,
  S3CredentialsError,
  S3RequestRefusedError,
  S3UnavailableError,
  type S3Error,
  type S3Request,
} from "./s3-errors.ts";

/** What a server's answer means for one object. */
export type ObjectAnswer = "missing" | "precondition-failed" | "unchanged";

/**
 * Answers that concern the one object that was asked for, and are no failure: it is not there (or is a delete marker), or is not
 * the one that was meant. Null: anything else.
 */
export function objectAnswer(error: unknown): ObjectAnswer | null {
  if (!(error instanceof S3ServiceException) || error.name === "NoSuchBucket") return null;
  switch (error.$metadata.httpStatusCode) {
    case 404:
    case 405: // the version is a delete marker
      return "missing";
    case 409: // another writer was at it in this moment
      return error.name === "ConditionalRequestConflict" ? "precondition-failed" : null;
    case 412:
      return "precondition-failed";
    case 304:
      return "unchanged";
    default:
      // A version id that this server cannot have given.
      return error.name === "NoSuchVersion" ? "missing" : null;
  }
}

/** The library's errors as ours; what is none of them is a bug and is thrown on. */
export function translateS3Error(error: unknown, request: S3Request): S3Error {
  if (error instanceof S3ServiceException) return translateAnswer(error, request);
  if (!(error instanceof Error)) throw error;
  if (error.name === "CredentialsProviderError" || error.name === "TokenProviderError")
    return new S3CredentialsError(request, error);
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (isFromNetwork(code) || NETWORK_NAMES.has(error.name))
    return new S3UnavailableError(request, code === "" ? error.name : code, error);
  // What the library could not read has the answer with it: a proxy's page, perhaps, where XML was expected.
  if ("$response" in error || "$metadata" in error)
    return new S3UnavailableError(request, "an answer that is none of S3", error);
  throw error;
}

/** Every code of the system, of certificates and of the HTTP parser; Node's own for wrong arguments are bugs of ours. */
function isFromNetwork(code: string): boolean {
  return code !== "" && (!code.startsWith("ERR_") || OUTSIDE_OF_NODE.test(code));
}

const OUTSIDE_OF_NODE = /^ERR_(?:TLS|SSL|HTTP2?|SOCKET|STREAM_PREMATURE_CLOSE)/u;

const NETWORK_NAMES = new Set(["TimeoutError", "NetworkingError", "AbortError", "ECONNRESET"]);
const BUSY =
  /^(?:SlowDown|Throttl\w*|TooManyRequests\w*|RequestLimitExceeded|ServiceUnavailable|Busy)$/u;

function translateAnswer(error: S3ServiceException, request: S3Request): S3Error {
  const status = error.$metadata.httpStatusCode ?? 0;
  const answer = `${status} ${error.name}`;
  if (error.name === "NoSuchBucket") return new S3BucketMissingError(request, error);
  if (BUSY.test(error.name) || status === 503 || status === 429)
    return new S3BusyError(request, answer, error);
  if (status === 401 || status === 403) return new S3AccessDeniedError(request, answer, error);
  if (status >= 500 && status !== 501) return new S3UnavailableError(request, answer, error);
  // An answer that is none: a proxy's page, a body that broke off inside of its XML.
  if (status < 400) return new S3UnavailableError(request, answer, error);
  return new S3RequestRefusedError(request, answer, error);
}
