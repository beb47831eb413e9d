import { CopyObjectCommand } from "@aws-sdk/client-s3";
import type { ObjectHead } from "../client/head-object.ts";
import type { Bucket, CustomerKeyFields } from "../client/open-bucket.ts";
import { objectAnswer, translateS3Error } from "../client/translate-error.ts";
import { encryption } from "./put-object.ts";

/**
 * Whether a server may be left to copy: it must look at the conditions of a copy, or one object would be copied over another. Amazon's
 * does; radosgw 16 and others were seen to ignore them, so at every other endpoint the bytes pass through here.
 */
export function mayServerCopy({ settings: from }: Bucket, { settings: to }: Bucket): boolean {
  const isAmazon = from.endpoint === null && to.endpoint === null;
  return isAmazon && from.region === to.region && from.profile === to.profile;
}

export interface CopySource {
  readonly bucket: Bucket;
  readonly key: string;
  /** As it was looked at; only this version is copied. */
  readonly head: ObjectHead;
}

/**
 * Lets the server make a copy, with everything that it keeps beside the bytes; never over another object. `refused`: there is one, or
 * the source is not that version any more. Throws S3Error.
 */
export async function copyNewObject(
  from: CopySource,
  to: { readonly bucket: Bucket; readonly key: string },
): Promise<"stored" | "refused"> {
  const { client, place, customerKey, settings } = to.bucket;
  const command = new CopyObjectCommand({
    ...place,
    ...customerKey,
    ...sourceKey(from.bucket.customerKey),
    ...encryption(settings.kmsKeyId),
    Key: to.key,
    CopySource: sourceText(from),
    CopySourceIfMatch: `"${from.head.etag}"`,
    MetadataDirective: "COPY",
    TaggingDirective: "COPY",
    IfNoneMatch: "*",
  });
  try {
    await client.send(command);
    return "stored";
  } catch (error) {
    const answer = objectAnswer(error);
    if (answer === "precondition-failed" || answer === "missing") return "refused";
    throw translateS3Error(error, { action: "PutObject", bucket: place.Bucket, key: to.key });
  }
}

function sourceText({ bucket, key, head }: CopySource): string {
  const path = key.split("/").map(encodeURIComponent).join("/");
  const { versionId } = head;
  const version = versionId === null ? "" : `?versionId=${encodeURIComponent(versionId)}`;
  return `${bucket.settings.bucket}/${path}${version}`;
}

function sourceKey({ SSECustomerAlgorithm, SSECustomerKey }: CustomerKeyFields) {
  if (SSECustomerKey === undefined) return {};
  return {
    CopySourceSSECustomerAlgorithm: SSECustomerAlgorithm,
    CopySourceSSECustomerKey: SSECustomerKey,
  };
}
