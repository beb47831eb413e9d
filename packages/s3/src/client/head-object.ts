import { HeadBucketCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
import type { ObjectVersion } from "@sluice/contracts";
import { unquote, versionOfObject, type ObjectFacts } from "./object-version.ts";
import type { Bucket } from "./open-bucket.ts";
import { S3BucketMissingError } from "./s3-errors.ts";
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
): Promise<ObjectHead | null> {
  const { client, place, customerKey } = bucket;
  const version = versionId === null ? {} : { VersionId: versionId };
  try {
    const head = await client.send(
      new HeadObjectCommand({ ...place, ...customerKey, ...version, Key: key }),
    );
    return toHead(head);
  } catch (error) {
    if (objectAnswer(error) !== "missing")
      throw translateS3Error(error, { action: "GetObject", bucket: place.Bucket, key });
    await assertBucketThere(bucket);
    return null;
  }
}

/** Headers that tell which object it is, as GET and HEAD answer them. */
export interface FactHeaders {
  readonly VersionId?: string | undefined;
  readonly ETag?: string | undefined;
  readonly ContentLength?: number | undefined;
  readonly LastModified?: Date | undefined;
}

export function toHead(headers: FactHeaders): ObjectHead {
  const facts = {
    versionId: headers.VersionId ?? null,
    etag: unquote(headers.ETag ?? ""),
    sizeBytes: headers.ContentLength ?? 0,
    lastModifiedMs: headers.LastModified?.getTime() ?? 0,
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
