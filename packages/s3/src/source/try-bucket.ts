import type { Bucket } from "../client/open-bucket.ts";
import { pagesOfObjects } from "./listing/bucket-pages.ts";
import { VersionMode } from "./version-mode.ts";

/** What a bucket answers to somebody who only looks. */
export interface BucketTrial {
  /** Null: that may not be asked. */
  readonly keepsVersions: boolean | null;
  /** Whether anything lies below the prefix. */
  readonly isEmpty: boolean;
}

/** Lists a page, and asks whether the bucket keeps versions. Rejects with S3Error, or the reason of the signal. */
export async function tryBucket(bucket: Bucket, signal: AbortSignal): Promise<BucketTrial> {
  const { prefix } = bucket.settings;
  const page = await pagesOfObjects(bucket).list({ prefix, after: null, next: null, signal });
  let mayAsk = true;
  const onUnknown = (): void => void (mayAsk = false);
  const kind = await new VersionMode({ bucket, versions: "auto", onUnknown }).get(signal);
  return { keepsVersions: mayAsk ? kind === "ids" : null, isEmpty: page.objects.length === 0 };
}
