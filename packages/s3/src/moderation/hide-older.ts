import { DeleteObjectCommand, ListObjectVersionsCommand } from "@aws-sdk/client-s3";
import type { BucketKey } from "./bucket-of.ts";

/** More than are ever looked at: the version that goes, one below it, and one that was put on top meanwhile. */
const MAX_LISTED = 16;

/**
 * When the present version goes, the one below it would be there again: a picture that its owner replaced or removed long ago. So a
 * delete marker is put over it first, and the place is empty, as a folder would be. Gives the marker's id, null where none is needed.
 * A version that somebody puts there in that very moment is not left hidden. Throws S3Error.
 */
export async function hideOlder(at: BucketKey, goingId: string): Promise<string | null> {
  const before = await listIds(at);
  if (before[0] !== goingId || before.length === 1) return null;
  const { bucket, key } = at;
  const marker = new DeleteObjectCommand({ ...bucket.place, Key: key });
  const what = { action: "DeleteObject", key };
  const { VersionId: markerId = null } = await bucket.ask(what, bucket.client.send(marker));
  const after = await listIds(at);
  if (markerId === null || after[0] === goingId) return markerId;
  await showAgain(at, markerId);
  return null;
}

/**
 * The same for an object that has no version of its own, in a bucket that once kept versions: there, what a delete marker does
 * depends on whether versions are still kept, so it is put there afterwards. Gives what hides the older versions. Throws S3Error.
 */
export async function olderThanUnversioned(at: BucketKey): Promise<() => Promise<void>> {
  const [, ...older] = await listIds(at);
  return async () => {
    if (older.length === 0) return;
    const { bucket, key } = at;
    const [present] = await listIds(at);
    if (present === undefined || !older.includes(present)) return;
    const marker = new DeleteObjectCommand({ ...bucket.place, Key: key });
    await bucket.ask({ action: "DeleteObject", key }, bucket.client.send(marker));
  };
}

/** Takes the marker away again. Throws S3Error. */
export async function showAgain({ bucket, key }: BucketKey, markerId: string): Promise<void> {
  const command = new DeleteObjectCommand({ ...bucket.place, Key: key, VersionId: markerId });
  const what = { action: "DeleteObjectVersion", key };
  await bucket.ask(what, bucket.client.send(command));
}

/** Ids of the key's versions, without delete markers, newest first. */
async function listIds({ bucket, key }: BucketKey): Promise<readonly string[]> {
  const command = new ListObjectVersionsCommand({
    ...bucket.place,
    Prefix: key,
    MaxKeys: MAX_LISTED,
    EncodingType: "url",
  });
  const what = { action: "ListBucketVersions", key };
  const { Versions = [] } = await bucket.ask(what, bucket.client.send(command));
  // The key comes before every other one that begins with it.
  const own = Versions.filter(
    ({ Key = "" }) => decodeURIComponent(Key.replaceAll("+", " ")) === key,
  );
  return own.map(({ VersionId = "" }) => VersionId);
}
