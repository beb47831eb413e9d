import { rootNameSchema } from "@sluice/contracts";
import { openBucket, type Bucket, type BucketRoots } from "@sluice/s3";

/** Name of the bucket that both roots of a test's site lie in. */
export const SITE_BUCKET = "site";

/** The roots of a site at an S3 server: `uploads` lies below `in/`, `published` below `out/`. */
export async function openSiteBuckets(endpoint: string): Promise<BucketRoots> {
  const open = async (root: string, prefix: string): Promise<[RootKey, Bucket]> => {
    const settings = {
      bucket: SITE_BUCKET,
      prefix,
      endpoint: new URL(endpoint),
      region: null,
      pathStyle: true,
      checksums: "required",
      requesterPays: false,
      sseCustomerKeyFile: null,
      kmsKeyId: null,
      profile: null,
      maxSockets: 8,
      timeoutMs: 5000,
      maxAttempts: 2,
      giveUpAfterMs: 0,
    } as const;
    const credentials = { accessKeyId: "test", secretAccessKey: "testtest" };
    return [rootNameSchema.parse(root), await openBucket({ settings, credentials })];
  };
  return new Map([await open("uploads", "in/"), await open("published", "out/")]);
}

type RootKey = BucketRoots extends ReadonlyMap<infer K, unknown> ? K : never;
