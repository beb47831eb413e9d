import { rootNameSchema } from "@sluice/contracts";
import type { SluiceConfig } from "@sluice/config";
import { expect, test } from "vitest";
import { startFakeS3 } from "../../../packages/s3/src/testing/fake-s3.ts";
import { findReachableRoots } from "./reachable-roots.ts";
import { openSiteBuckets, SITE_BUCKET } from "./testing/site-buckets.ts";

const uploads = rootNameSchema.parse("uploads");

/** As much of a configuration as is looked at. */
function configOf(endpoint: string): SluiceConfig {
  const root = { kind: "s3", bucket: SITE_BUCKET, endpoint: new URL(endpoint) };
  return { sources: [{ root: uploads }], roots: new Map([[uploads, root]]) } as never;
}

test("verdicts of a bucket are taken where it can be reached, and where its server is only away for now", async () => {
  const server = await startFakeS3();
  const endpoint = server.endpoint.href;
  const buckets = await openSiteBuckets(endpoint);
  const told: string[] = [];
  const events = { rootUnreachable: (_: unknown, place: string) => void told.push(place) };
  const find = () => findReachableRoots(configOf(endpoint), { buckets, events });
  await expect(find()).rejects.toMatchObject({ code: "ROOTS_UNREACHABLE" });
  expect(told).toEqual([SITE_BUCKET]);
  server.bucket(SITE_BUCKET);
  expect(await find()).toEqual([uploads]);
  server.faults.add({ operation: "HeadBucket", kind: "access-denied", times: 1 });
  await expect(find()).rejects.toMatchObject({ code: "ROOTS_UNREACHABLE" });
  await server[Symbol.asyncDispose]();
  expect(await find()).toEqual([uploads]);
});
