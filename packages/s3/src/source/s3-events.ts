import type { SourceName } from "@sluice/contracts";

/** Port: what happens while a bucket is watched. None of these may throw. */
export interface S3Events {
  /** The bucket was listed and compared with the journal. */
  bucketListed(event: ListedEvent): void;
  /** It could not be listed, or a part of it could not; it is tried again. */
  bucketUnavailable(event: {
    readonly source: SourceName;
    readonly error: Error;
    readonly retryInMs: number;
  }): void;
  /** A single request failed and is sent again after a pause. */
  requestRepeated(event: { readonly source: SourceName; readonly error: Error }): void;
  /** Whether the bucket keeps versions may not be asked; it is listed as if it kept none. */
  versioningUnknown(event: { readonly source: SourceName; readonly error: Error }): void;
  /** The server has an order of keys of its own: from now on one request at a time, and always everything. */
  listingUnordered(event: { readonly source: SourceName }): void;
  /** What became of a notification's message, or of one of the keys in it. */
  eventTaken(event: {
    readonly source: SourceName;
    readonly feed: FeedKind;
    readonly outcome: EventOutcome;
    /** Why, for those that are refused. */
    readonly detail?: string;
  }): void;
  /** SNS asks whether its messages are wanted: somebody has to open the address. */
  subscriptionAsked(event: {
    readonly source: SourceName;
    readonly topic: string;
    readonly confirmUrl: string;
  }): void;
  /** Notifications do not come any more; the listing finds what they would have told of. */
  feedFailed(event: {
    readonly source: SourceName;
    readonly feed: FeedKind;
    readonly error: Error;
    readonly retryInMs: number;
  }): void;
  feedRecovered(event: { readonly source: SourceName; readonly feed: FeedKind }): void;
  webhookListening(event: { readonly source: SourceName; readonly address: string }): void;
}

export interface ListedEvent {
  readonly source: SourceName;
  /** `full`: everything; `recent`: what is new by its name. */
  readonly extent: "full" | "recent";
  readonly objects: number;
  /** Keys that are no objects, by why. */
  readonly skipped: Readonly<Record<SkippedKey, number>>;
  /** Journal rows removed because their objects are gone. */
  readonly forgotten: number;
  readonly durationMs: number;
}

/** A folder's marker (nothing, under a name that ends with `/`), a pattern of `ignore`, or a name that is no text. */
export type SkippedKey = "folder-marker" | "ignored" | "no-text";

export type FeedKind = "sqs" | "webhook";

/**
 * - found: the object was there and went to the journal (which may have known it).
 * - missing: there is nothing under any spelling of the key.
 * - ignored: outside of the prefix, a folder's marker, or a pattern of `ignore`.
 * - duplicate: the same change was told before.
 * - foreign: about another bucket.
 * - test, subscription: about the notification itself.
 * - invalid: it cannot be understood.
 * - unauthorized, too-large, busy: refused before it was read.
 * - failed: the bucket could not be asked; the sender sends it again.
 */
export type EventOutcome =
  | "found"
  | "missing"
  | "ignored"
  | "duplicate"
  | "foreign"
  | "test"
  | "subscription"
  | "invalid"
  | "unauthorized"
  | "too-large"
  | "busy"
  | "failed";
