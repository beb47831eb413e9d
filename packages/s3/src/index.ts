// client: one bucket, its keys, versions and errors
export type { BucketSettings } from "./client/bucket-settings.ts";
export { assertBucketThere, headObject, type ObjectHead } from "./client/head-object.ts";
export { keyOfPath, pathOfKey } from "./client/object-key.ts";
export {
  parseObjectVersion,
  versionOfObject,
  type ObjectFacts,
  type VersionToken,
} from "./client/object-version.ts";
export {
  openBucket,
  type Bucket,
  type Credentials,
  type OpenBucketOptions,
} from "./client/open-bucket.ts";
export {
  S3AccessDeniedError,
  S3BodyIncompleteError,
  S3BucketMissingError,
  S3BusyError,
  S3CredentialsError,
  S3KeyFileError,
  S3RegionMissingError,
  S3RequestRefusedError,
  S3UnavailableError,
  type S3Error,
} from "./client/s3-errors.ts";
export { objectAnswer, translateS3Error, type ObjectAnswer } from "./client/translate-error.ts";
// end of client
// read: for workers, and for those who were told of an object
export { createBucketLooker } from "./read/bucket-looker.ts";
export { createS3Reader, type S3ReaderEvents, type S3ReaderOptions } from "./read/s3-reader.ts";
// end of read
// source: objects are found by listing, and sooner by events
export type { EventFeed } from "./source/events/event-feed.ts";
export { SqsFeed, type SqsFeedOptions, type SqsSettings } from "./source/events/sqs-feed.ts";
export { WebhookListenError } from "./source/events/webhook-error.ts";
export {
  WebhookFeed,
  type WebhookFeedOptions,
  type WebhookSettings,
} from "./source/events/webhook-feed.ts";
export type {
  EventOutcome,
  FeedKind,
  ListedEvent,
  S3Events,
  SkippedKey,
} from "./source/s3-events.ts";
export { S3Source, type S3SourceOptions, type S3Status } from "./source/s3-source.ts";
export { tryBucket, type BucketTrial } from "./source/try-bucket.ts";
// end of source
// moderation: what is done to objects
export {
  BucketUnknownError,
  KeyImpossibleError,
  type BucketRoots,
} from "./moderation/bucket-of.ts";
export {
  DECISION_TAG,
  S3Originals,
  type S3OriginalsEvents,
  type S3OriginalsOptions,
} from "./moderation/s3-originals.ts";
export { S3Places, type S3PlacesOptions } from "./moderation/s3-places.ts";
export { S3StoredObjects } from "./moderation/s3-stored-objects.ts";
// end of moderation
