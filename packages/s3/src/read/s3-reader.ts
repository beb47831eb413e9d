import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { sha256Schema, type ObjectRef, type RootName } from "@sluice/contracts";
import type { ObjectReader, ReadResult } from "@sluice/inference";
import { getObject, type OpenObject } from "../client/get-object.ts";
import { isS3Failure } from "../client/is-s3-failure.ts";
import type { Bucket } from "../client/open-bucket.ts";
import { S3BodyIncompleteError, S3BusyError, S3UnavailableError } from "../client/s3-errors.ts";
import { readBody } from "./read-body.ts";

export interface S3ReaderOptions {
  readonly buckets: ReadonlyMap<RootName, Bucket>;
  /** Largest object that is read; larger ones are unscannable. */
  readonly maxImageBytes: number;
  readonly events: S3ReaderEvents;
}

/** May not throw. */
export interface S3ReaderEvents {
  /** A server is away or busy; told with every try, from 1. The reader is alive and waits. */
  troubled(event: {
    /** Which bucket, as `s3://name`. */
    readonly endpoint: string;
    readonly attempt: number;
    readonly detail: string;
  }): void;
}

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 3000;

/**
 * Reads objects of buckets, each in exactly the version that was listed. A body that breaks off is asked for again, as often as
 * requests to this bucket are tried; a server that is away costs time, not decisions, up to a limit. Then the object is unreadable, and
 * so is at once what the server refuses.
 */
export function createS3Reader(options: S3ReaderOptions): ObjectReader {
  return {
    async read(root, object) {
      const bucket = options.buckets.get(root);
      if (bucket === undefined) return unreadable(`root "${root}" is not configured here`);
      try {
        return await readUntil(bucket, object, options);
      } catch (error) {
        return translate(error);
      }
    },
  };
}

async function readUntil(
  bucket: Bucket,
  object: ObjectRef,
  { maxImageBytes, events }: S3ReaderOptions,
): Promise<ReadResult> {
  const endpoint = `s3://${bucket.settings.bucket}`;
  const deadline = performance.now() + bucket.settings.giveUpAfterMs;
  for (let attempt = 1; ; attempt++) {
    try {
      return await readWithAttempts(bucket, object, maxImageBytes);
    } catch (error) {
      if (!(error instanceof S3BusyError || error instanceof S3UnavailableError)) throw error;
      events.troubled({ endpoint, attempt, detail: error.message });
      const waitMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt, 10));
      if (performance.now() + waitMs > deadline) throw error;
      await sleep(waitMs);
    }
  }
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
  if (!isS3Failure(error)) throw error;
  return unreadable(error.message);
}

function unreadable(detail: string): ReadResult {
  return { kind: "unscannable", reason: "unreadable", detail };
}
