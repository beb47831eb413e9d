import type { ObjectPath, RootName } from "@sluice/contracts";
import type { Bucket } from "../client/open-bucket.ts";

/** The buckets that this process acts on. */
export type BucketRoots = ReadonlyMap<RootName, Bucket>;

/** A key in a bucket. */
export interface BucketKey {
  readonly bucket: Bucket;
  readonly key: string;
}

/** A record or verdict names a bucket that this process's configuration does not have. */
export class BucketUnknownError extends Error {
  override readonly name = "BucketUnknownError";
  readonly code = "BUCKET_UNKNOWN";
  readonly retryable = true;
  constructor(root: RootName) {
    super(
      `The root ${JSON.stringify(root)} is no bucket here; a bucket's objects go to buckets. Name it under "roots".`,
    );
  }
}

/** A path was asked for that no key can have: the name of a file that is no text. */
export class KeyImpossibleError extends Error {
  override readonly name = "KeyImpossibleError";
  readonly code = "KEY_IMPOSSIBLE";
  readonly retryable = false;
  constructor(root: RootName, path: ObjectPath) {
    super(`No object of the bucket ${root} can be called ${path}. Name another path.`);
  }
}

/** Throws BucketUnknownError, KeyImpossibleError. */
export function findKey(
  buckets: BucketRoots,
  { root, path }: { readonly root: RootName; readonly path: ObjectPath },
): BucketKey {
  const bucket = buckets.get(root);
  if (bucket === undefined) throw new BucketUnknownError(root);
  const key = bucket.keyOf(path);
  if (key === null) throw new KeyImpossibleError(root, path);
  return { bucket, key };
}
