import type { BucketSettings } from "../client/bucket-settings.ts";
import { openBucket, type Bucket } from "../client/open-bucket.ts";
import { startFakeS3, type FakeS3, type FakeS3Options } from "./fake-s3.ts";

export const TEST_CREDENTIALS = { accessKeyId: "test", secretAccessKey: "testtest" };

/** Settings of a bucket at a server of a test's own, patient enough for a busy machine and quick enough for a test. */
export function settingsFor(endpoint: URL, change: Partial<BucketSettings> = {}): BucketSettings {
  return {
    bucket: "uploads",
    prefix: "",
    endpoint,
    region: null,
    pathStyle: true,
    checksums: "required",
    requesterPays: false,
    sseCustomerKeyFile: null,
    kmsKeyId: null,
    profile: null,
    maxSockets: 16,
    timeoutMs: 5000,
    maxAttempts: 2,
    giveUpAfterMs: 0,
    ...change,
  };
}

export interface FakeSite extends AsyncDisposable {
  readonly fake: FakeS3;
  readonly bucket: Bucket;
  /** Another bucket of the same server, or the same one under other settings. */
  open(change: Partial<BucketSettings>): Promise<Bucket>;
}

/** A fake server with one bucket, `uploads`, and a client for it. */
export async function startFakeSite(
  settings: Partial<BucketSettings> = {},
  options: FakeS3Options = {},
): Promise<FakeSite> {
  const stack = new AsyncDisposableStack();
  const fake = stack.use(await startFakeS3(options));
  const open = async (change: Partial<BucketSettings>): Promise<Bucket> => {
    const merged = settingsFor(fake.endpoint, { ...settings, ...change });
    fake.bucket(merged.bucket);
    return stack.use(await openBucket({ settings: merged, credentials: TEST_CREDENTIALS }));
  };
  return { fake, open, bucket: await open({}), [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
