import { encodeObjectPath } from "@sluice/contracts";
import { expect, onTestFinished, test } from "vitest";
import { headObject } from "../client/head-object.ts";
import { startFakeSite } from "../testing/test-bucket.ts";
import { createBucketLooker } from "./bucket-looker.ts";

const path = (text: string) => encodeObjectPath(Buffer.from(text, "latin1"));

test("one HEAD says what lies under a name: the version that a listing would give, or nothing", async () => {
  const site = await startFakeSite({ prefix: "in/", timeoutMs: 300 });
  onTestFinished(() => site[Symbol.asyncDispose]());
  site.fake.bucket("uploads").put("in/a.jpg", { bytes: Buffer.from("12345") });
  site.fake.bucket("uploads").put("outside.jpg", { bytes: Buffer.from("1") });
  const looker = createBucketLooker(site.bucket);
  const head = await headObject(site.bucket, "in/a.jpg");
  const found = await looker.look([
    path("none.jpg"),
    path("a.jpg"),
    path("no\u00FFutf8"),
    path("outside.jpg"),
  ]);
  expect(found).toEqual([
    { kind: "missing" },
    {
      kind: "object",
      sighting: {
        object: { path: "a.jpg", version: head?.version, sizeBytes: 5 },
        changedAtMs: head?.lastModifiedMs,
      },
    },
    { kind: "missing" },
    { kind: "missing" },
  ]);
});

test("while the bucket does not answer nothing is said about what lies in it", async () => {
  const site = await startFakeSite({ prefix: "in/", timeoutMs: 300, maxAttempts: 1 });
  onTestFinished(() => site[Symbol.asyncDispose]());
  site.fake.faults.add({ kind: "access-denied" });
  const [found] = await createBucketLooker(site.bucket).look([path("a.jpg")]);
  expect(found).toMatchObject({ kind: "unavailable" });
});
