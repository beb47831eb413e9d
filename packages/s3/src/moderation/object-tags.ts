import {
  DeleteObjectTaggingCommand,
  GetObjectTaggingCommand,
  PutObjectTaggingCommand,
} from "@aws-sdk/client-s3";
import type { Bucket } from "../client/open-bucket.ts";
import { S3RequestRefusedError } from "../client/s3-errors.ts";

/** One version of an object; null: the present one. */
export interface TaggedObject {
  readonly key: string;
  readonly versionId: string | null;
}

/** Empty where the server knows no tags. Throws S3Error. */
export async function readTags(
  bucket: Bucket,
  object: TaggedObject,
): Promise<Record<string, string>> {
  const command = new GetObjectTaggingCommand(fieldsOf(bucket, object));
  const what = { action: "GetObjectTagging", key: object.key };
  try {
    const { TagSet = [] } = await bucket.ask(what, bucket.client.send(command));
    return Object.fromEntries(TagSet.map(({ Key = "", Value = "" }) => [Key, Value]));
  } catch (error) {
    if (error instanceof S3RequestRefusedError) return {};
    throw error;
  }
}

/** Throws S3Error. */
export async function writeTags(
  bucket: Bucket,
  object: TaggedObject,
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  const fields = fieldsOf(bucket, object);
  const what = { action: "PutObjectTagging", key: object.key };
  const TagSet = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  // An empty set is refused by some servers.
  if (TagSet.length === 0)
    await bucket.ask(what, bucket.client.send(new DeleteObjectTaggingCommand(fields)));
  else {
    const command = new PutObjectTaggingCommand({ ...fields, Tagging: { TagSet } });
    await bucket.ask(what, bucket.client.send(command));
  }
}

/** As the header of an upload carries them. */
export function tagsAsText(tags: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(tags).map((pair) => pair.map(encodeURIComponent).join("="));
  return pairs.join("&");
}

function fieldsOf({ place }: Bucket, { key, versionId }: TaggedObject) {
  return { ...place, Key: key, ...(versionId !== null && { VersionId: versionId }) };
}
