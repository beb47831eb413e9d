import { createHash } from "node:crypto";
import { sha256Schema, type ObjectRef, type RootName } from "@sluice/contracts";
import type { ObjectReader, ReadResult } from "@sluice/inference";
import { getObject, type OpenObject } from "../client/get-object.ts";
import type { Bucket } from "../client/open-bucket.ts";
import {
  S3AccessDeniedError,
  S3BodyIncompleteError,
  S3BucketMissingError,
  S3BusyError,
  S3CredentialsError,
  S3RequestRefusedError,
  S3UnavailableError,
} from "../client/s3-errors.ts";
import { readBody } from "./read-body.ts";

export interface S3ReaderOptions {
  readonly buckets: ReadonlyMap<RootName, Bucket>;
  /** Largest object that is read; larger ones are unscannable. */
  readonly maxImageBytes: number;
}

/**
 * Reads objects of buckets, each in exactly the version that was listed. A body that breaks off is asked for again, as often as
 * requests to this bucket are tried; then it is unreadable, and so is whatever the server refuses or fails to give.
 */
export function createS3Reader({ buckets, maxImageBytes }: S3ReaderOptions): ObjectReader {
  return {
    async read(root, object) {
      const bucket = buckets.get(root);
      if (bucket === undefined) return unreadable(`root "${root}" is not configured here`);
      try {
        return await readWithAttempts(bucket, object, maxImageBytes);
      } catch (error) {
        return translate(error);
      }
    },
  };
}

async function readWithAttempts(
  bucket: Bucket,
  object: ObjectRef,
  maxBytes: number,
): Promise<ReadResult> {
  const { maxAttempts } = bucket.settings;
  const key = bucket.keyOf(object.path);
  if (key === null) return { kind: "gone", reason: "missing" };
  for (let attempt = 1; ; attempt++) {
    const found = await getObject(bucket, key, object.version);
    if (found.kind !== "open") return { kind: "gone", reason: found.kind };
    try {
      return await readOpen(found, { maxBytes, bucket: bucket.settings.bucket, key });
    } catch (error) {
      if (!(error instanceof S3BodyIncompleteError) || attempt >= maxAttempts) throw error;
    }
  }
}

async function readOpen(
  { head, body }: OpenObject,
  { maxBytes, bucket, key }: { maxBytes: number; bucket: string; key: string },
): Promise<ReadResult> {
  const { sizeBytes } = head;
  if (sizeBytes > maxBytes) {
    body.destroy();
    const detail = `${sizeBytes} bytes, above worker.maxImageBytes = ${maxBytes}`;
    return { kind: "unscannable", reason: "too-many-bytes", detail };
  }
  const request = { action: "GetObject", bucket, key };
  const bytes = await readBody(body, { sizeBytes, request });
  if (bytes.length === 0) return { kind: "unscannable", reason: "empty", detail: "0 bytes" };
  const sha256 = sha256Schema.parse(createHash("sha256").update(bytes).digest("hex"));
  return { kind: "bytes", bytes, sha256 };
}

/** Details carry what the server said; a bug of ours is thrown on. */
function translate(error: unknown): ReadResult {
  const isOutside = OUTSIDE.some((kind) => error instanceof kind);
  if (!isOutside || !(error instanceof Error)) throw error;
  return unreadable(error.message);
}

const OUTSIDE = [
  S3AccessDeniedError,
  S3BodyIncompleteError,
  S3BucketMissingError,
  S3BusyError,
  S3CredentialsError,
  S3RequestRefusedError,
  S3UnavailableError,
];

function unreadable(detail: string): ReadResult {
  return { kind: "unscannable", reason: "unreadable", detail };
}
