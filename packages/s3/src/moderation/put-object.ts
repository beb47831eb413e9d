import { Readable } from "node:stream";
import { PutObjectCommand, type PutObjectCommandInput } from "@aws-sdk/client-s3";
import type { Bucket } from "../client/open-bucket.ts";
import { objectAnswer, translateS3Error } from "../client/translate-error.ts";

export interface Upload {
  readonly key: string;
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly sizeBytes: number;
  readonly fields: Partial<PutObjectCommandInput>;
}

/**
 * Makes an object, whole or not at all, and never over another one: `exists`. When the bytes end with an error, the upload is given
 * up and that error is thrown. Otherwise throws S3Error.
 */
export async function putNewObject(
  bucket: Bucket,
  { key, bytes, sizeBytes, fields }: Upload,
): Promise<"stored" | "exists"> {
  const { client, place, customerKey, settings } = bucket;
  const { kmsKeyId } = settings;
  const body = Readable.from(bytes, { objectMode: false });
  const broken = new AbortController();
  body.once("error", (error) => broken.abort(error));
  const command = new PutObjectCommand({
    ...fields,
    ...place,
    ...customerKey,
    ...encryption(kmsKeyId),
    Key: key,
    Body: body,
    ContentLength: sizeBytes,
    IfNoneMatch: "*",
  });
  try {
    await client.send(command, { abortSignal: broken.signal });
    return "stored";
  } catch (error) {
    if (broken.signal.aborted) throw broken.signal.reason;
    if (objectAnswer(error) === "precondition-failed") return "exists";
    throw translateS3Error(error, { action: "PutObject", bucket: place.Bucket, key });
  } finally {
    body.destroy();
  }
}

/** With what new objects are encrypted at rest. */
export function encryption(kmsKeyId: string | null) {
  return kmsKeyId === null
    ? {}
    : ({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: kmsKeyId } as const);
}
