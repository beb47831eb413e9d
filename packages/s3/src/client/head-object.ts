import {
  HeadBucketCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
} from "@aws-sdk/client-s3";
import type { ObjectVersion } from "@sluice/contracts";
import { unquote, versionOfObject, type ObjectFacts } from "./object-version.ts";
import type { Bucket } from "./open-bucket.ts";
import { S3BucketMissingError, S3UnavailableError, type S3Request } from "./s3-errors.ts";
import { objectAnswer, translateS3Error } from "./translate-error.ts";

/** What lies under a key now. */
export interface ObjectHead extends ObjectFacts {
  readonly version: ObjectVersion;
}

/**
 * Asks what lies under a key: the present object, or the version that is named. Null: nothing, or a delete marker.
 * Throws S3Error; a bucket that is not there is one, because it says nothing about its objects.
 */
export async function headObject(
  bucket: Bucket,
  key: string,
  versionId: string | null = null,
  abortSignal?: AbortSignal,
): Promise<ObjectHead | null> {
  const { client, place, customerKey } = bucket;
  const version = versionId === null ? {} : { VersionId: versionId };
  const request = { action: "GetObject", bucket: place.Bucket, key };
  let headers: HeadObjectCommandOutput;
  try {
    const command = new HeadObjectCommand({ ...place, ...customerKey, ...version, Key: key });
    headers = await client.send(command, abortSignal === undefined ? {} : { abortSignal });
  } catch (error) {
    if (objectAnswer(error) !== "missing") throw translateS3Error(error, request);
    await assertBucketThere(bucket);
    return null;
  }
  return toHead(headers, request);
}

/** Headers that tell which object it is, as GET and HEAD answer them. */
export interface FactHeaders {
  readonly VersionId?: string | undefined;
  readonly ETag?: string | undefined;
  readonly ContentLength?: number | undefined;
  readonly LastModified?: Date | undefined;
}

/**
 * Throws S3UnavailableError for an answer that lacks one of them (a proxy's page, perhaps): it must not pass for another version, nor half
 * a body for a whole one.
 */
export function toHead(headers: FactHeaders, request: S3Request): ObjectHead {
  const { VersionId, ETag, ContentLength, LastModified } = headers;
  if (ETag === undefined || ContentLength === undefined || LastModified === undefined)
    throw new S3UnavailableError(request, "an answer without ETag, length or time");
  const facts = {
    versionId: VersionId ?? null,
    etag: unquote(ETag),
    sizeBytes: ContentLength,
    lastModifiedMs: LastModified.getTime(),
  };
  return { ...facts, version: versionOfObject(facts) };
}

/** A HEAD has no body in which a server could say which of the two is not there. */
export async function assertBucketThere({ client, place }: Bucket): Promise<void> {
  const request = { action: "ListBucket", bucket: place.Bucket };
  try {
    await client.send(new HeadBucketCommand({ Bucket: place.Bucket }));
  } catch (error) {
    if (objectAnswer(error) === "missing") throw new S3BucketMissingError(request, error);
    throw translateS3Error(error, request);
  }
}
