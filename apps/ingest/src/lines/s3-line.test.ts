import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startFakeS3 } from "../../../../packages/s3/src/testing/fake-s3.ts";
import { makeBucketPlace, type TestBucket } from "../testing/bucket-place.ts";
import { until } from "../testing/ingest-site.ts";
import { describeLine } from "../testing/line-conformance.ts";
import { LineSite } from "../testing/line-site.ts";

beforeAll(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "testtest");
});
afterAll(() => {
  vi.unstubAllEnvs();
});

async function makeFakeBucket({ hasVersions = false } = {}): Promise<
  TestBucket & { readonly fake: Awaited<ReturnType<typeof startFakeS3>> }
> {
  const fake = await startFakeS3();
  const bucket = fake.bucket("uploads");
  if (hasVersions) bucket.versioning = "on";
  return {
    fake,
    settings: { bucket: "uploads", endpoint: fake.endpoint.href },
    async put(key, content) {
      bucket.put(key, { bytes: Buffer.from(content) });
      return await Promise.resolve();
    },
    async remove(key) {
      bucket.delete(key, null);
      return await Promise.resolve();
    },
    [Symbol.asyncDispose]: async () => await fake[Symbol.asyncDispose](),
  };
}

describeLine("s3", async () => await makeBucketPlace(await makeFakeBucket()));
describeLine(
  "s3, with versions",
  async () => await makeBucketPlace(await makeFakeBucket({ hasVersions: true })),
);

test("a bucket that refuses makes the source unready and says why, and nothing ends", async () => {
  const bucket = await makeFakeBucket();
  await using place = await makeBucketPlace(bucket);
  await using site = new LineSite(place);
  bucket.fake.faults.add({ kind: "access-denied" });
  await using line = await site.open();
  const listing = (): string | undefined => line.readiness(Date.now()).checks["uploads.bucket"];
  await until(() => listing()?.includes("was refused (403 AccessDenied)") === true, "refused");
  expect(line.readiness(Date.now())).toMatchObject({ isReady: false });
  bucket.fake.faults.clear();
  await place.put("a.jpg");
  await until(() => line.readiness(Date.now()).isReady, "ready");
  await until(() => site.sentNames.includes("a.jpg"), "a.jpg sent");
});
