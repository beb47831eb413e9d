/** Why an address is not fetched, whoever asks and however often. */
export type FetchRefusal =
  | "not-an-address"
  | "scheme"
  | "credentials"
  | "origin"
  | "private-address"
  | "redirects"
  | "status"
  | "too-large";

/** Thrown when an address may not be fetched, or what it answers may not be taken. Trying again changes nothing. */
export class FetchRefusedError extends Error {
  override readonly name = "FetchRefusedError";
  readonly code = "FETCH_REFUSED";
  readonly retryable = false;
  readonly reason: FetchRefusal;

  constructor(reason: FetchRefusal, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Thrown when an address that may be fetched could not be: no answer in time, a broken connection, a 5xx or 429. */
export class FetchFailedError extends Error {
  override readonly name = "FetchFailedError";
  readonly code = "FETCH_FAILED";
  readonly retryable = true;
}
