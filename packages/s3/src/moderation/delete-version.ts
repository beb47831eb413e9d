import { DeleteObjectCommand, S3ServiceException } from "@aws-sdk/client-s3";
import type { ObjectHead } from "../client/head-object.ts";
import { objectAnswer, translateS3Error } from "../client/translate-error.ts";
import type { BucketKey } from "./bucket-of.ts";

export type Deleted = "deleted" | "changed" | "gone" | "locked";

/**
 * Removes one version that was looked at a moment ago: by its id where it has one, otherwise under the condition that it still lies
 * there (which not every server heeds; whoever writes in the very moment in between loses what was written). Throws S3Error.
 */
export async function deleteVersion(
  { bucket, key }: BucketKey,
  { versionId, etag }: Pick<ObjectHead, "versionId" | "etag">,
): Promise<Deleted> {
  const { client, place } = bucket;
  const which = versionId === null ? { IfMatch: `"${etag}"` } : { VersionId: versionId };
  try {
    await client.send(new DeleteObjectCommand({ ...place, ...which, Key: key }));
    return "deleted";
  } catch (error) {
    if (isLock(error)) return "locked";
    const answer = objectAnswer(error);
    if (answer === "missing") return "gone";
    if (answer === "precondition-failed") return "changed";
    const action = versionId === null ? "DeleteObject" : "DeleteObjectVersion";
    throw translateS3Error(error, { action, bucket: place.Bucket, key });
  }
}

/**
 * Whether the object itself is refused, by a lock on it or for want of the permission to delete: that lasts. A wrong key, an expired
 * token or a wrong clock have other names. MinIO answers a lock with `InvalidRequest`.
 */
function isLock(error: unknown): boolean {
  if (!(error instanceof S3ServiceException)) return false;
  return ["AccessDenied", "ObjectLocked", "InvalidRequest"].includes(error.name);
}
