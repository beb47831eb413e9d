import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { S3Harness, uploads } from "./testing/s3-harness.ts";

describe("a listing", () => {
  test("brings every object of the bucket to the journal, whatever its key is", async () => {
    await using harness = await S3Harness.make();
    const keys = [
      "a.jpg",
      "deep/er/b.jpg",
      "ü +&%.jpg",
      "line\nbreak",
      "a//b",
      "../c",
      "😀",
      "<x>",
    ];
    for (const key of keys) harness.put(key);
    const listed = await harness.list();
    expect(listed).toMatchObject({ extent: "full", objects: keys.length });
    const found = harness.seen.map(({ path }) => harness.bucket.keyOf(path) ?? path);
    expect(found.toSorted()).toEqual(keys.toSorted());
  });

  test("stays below the prefix, and passes over folders' markers and what is to be ignored", async () => {
    await using harness = await S3Harness.make({ prefix: "in/" });
    for (const key of ["in/a.jpg", "in/b.part", "in/sub/.hidden.jpg", "other/c.jpg"])
      harness.put(key);
    harness.put("in/", "");
    harness.put("in/sub/", "");
    const { objects, skipped } = await harness.list();
    expect(objects).toBe(2);
    expect(skipped).toEqual({ "folder-marker": 2, ignored: 1, "no-text": 0 });
    expect(harness.found).toEqual(["a.jpg", "sub/.hidden.jpg"]);
  });

  test("takes only what it should include, in upper and lower case", async () => {
    await using harness = await S3Harness.make();
    for (const key of ["a.jpg", "b/C.JPG", "notes.txt"]) harness.put(key);
    expect((await harness.list({ include: ["**/*.jpg"] })).skipped.ignored).toBe(1);
    expect(harness.found).toEqual(["a.jpg", "b/C.JPG"]);
  });

  test("finds 5000 objects once each with several requests at a time", async () => {
    await using harness = await S3Harness.make();
    for (let n = 0; n < 5000; n++) harness.put(`day-${n % 7}/${n}.jpg`);
    expect((await harness.list()).objects).toBe(5000);
    expect(harness.found).toHaveLength(5000);
  });

  test("after a restart tells of what is new or changed, and not of what was decided", async () => {
    await using harness = await S3Harness.make();
    harness.put("a.jpg");
    harness.put("b.jpg");
    await harness.list();
    harness.decideAll();
    harness.put("b.jpg", "another");
    harness.put("c.jpg");
    await harness.list();
    expect(harness.found).toEqual(["b.jpg", "c.jpg"]);
  });

  test("forgets rows of objects that are gone, once they are decided", async () => {
    await using harness = await S3Harness.make();
    for (const key of ["a.jpg", "b.jpg", "c.jpg"]) harness.put(key);
    await harness.list();
    harness.decideAll();
    harness.put("waiting.jpg");
    await harness.list();
    harness.remove("a.jpg");
    harness.remove("waiting.jpg");
    expect((await harness.list()).forgotten).toBe(1);
    expect(harness.journal.counts(uploads)).toMatchObject({ decided: 2, seen: 1 });
  });

  test("forgets nothing because the bucket is not there", async () => {
    await using harness = await S3Harness.make();
    harness.put("a.jpg");
    await harness.list();
    harness.decideAll();
    harness.site.fake.removeBucket("uploads");
    await harness.start();
    await harness.until(() => harness.told.bucketUnavailable.length > 0, "unavailable");
    expect(harness.told.bucketUnavailable[0]?.error).toMatchObject({
      code: "S3_BUCKET_MISSING",
    });
    expect(harness.journal.counts(uploads).decided).toBe(1);
  });
});

test("requests say that we pay where the requester does, and looks bring the key of SSE-C", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-key-"));
  const sseCustomerKeyFile = join(folder, "key");
  writeFileSync(sseCustomerKeyFile, Buffer.alloc(32, 7));
  await using harness = await S3Harness.make({ requesterPays: true, sseCustomerKeyFile });
  await harness.list();
  harness.put("a.jpg");
  harness.decideAll();
  await harness.list();
  harness.decideAll();
  harness.remove("a.jpg");
  await harness.list();
  const { requests } = harness.site.fake.faults;
  const of = (operation: string) => requests.filter((request) => request.operation === operation);
  for (const { headers } of [...of("ListObjectsV2"), ...of("HeadObject")])
    expect(headers["x-amz-request-payer"]).toBe("requester");
  expect(of("HeadObject")[0]?.headers).toHaveProperty(
    "x-amz-server-side-encryption-customer-key",
    Buffer.alloc(32, 7).toString("base64"),
  );
  rmSync(folder, { recursive: true });
});

describe("a bucket with versions", () => {
  test("is listed by its versions: the present one counts, and a delete marker is nothing", async () => {
    await using harness = await S3Harness.make();
    const stored = harness.site.fake.bucket("uploads");
    harness.put("before.jpg");
    stored.versioning = "on";
    harness.put("a.jpg", "one");
    harness.put("a.jpg", "two");
    harness.put("gone.jpg");
    harness.remove("gone.jpg");
    await harness.list();
    expect(harness.found).toEqual(["a.jpg", "before.jpg"]);
    const version = harness.seen.find(({ path }) => path === "a.jpg")?.version;
    expect(version).toBe(`v${stored.find("a.jpg")?.versionId}`);
  });

  test("does not make known objects new when versions are switched on", async () => {
    await using harness = await S3Harness.make();
    harness.put("a.jpg");
    await harness.list();
    harness.decideAll();
    harness.site.fake.bucket("uploads").versioning = "on";
    await harness.list();
    expect(harness.found).toEqual([]);
  });

  test("is listed as one without where the question is refused, which is told once", async () => {
    await using harness = await S3Harness.make();
    harness.put("a.jpg");
    harness.site.fake.faults.add({ operation: "GetBucketVersioning", kind: "access-denied" });
    await harness.list();
    expect(harness.found).toEqual(["a.jpg"]);
    expect(harness.told.versioningUnknown).toHaveLength(1);
  });
});

describe("between two full listings, where names grow with time", () => {
  const settings = {
    reconcileEveryMs: 100, // a millisecond by the test's clock
    timeOrderedPrefixes: ["log/"],
    lookBackKeys: 2,
    fullListingEveryMs: 6_000_000,
  };

  test("only the end of such a prefix is listed, with a look back", async () => {
    await using harness = await S3Harness.make();
    for (const n of [1, 2, 3, 5]) harness.put(`log/2026-11-0${n}.jpg`);
    harness.put("other/z.jpg");
    await harness.list(settings);
    harness.put("log/2026-11-06.jpg");
    harness.put("log/2026-11-04.jpg"); // late, but within the last two
    harness.put("log/2026-11-00.jpg"); // too late for it
    harness.put("other/y.jpg");
    await harness.until(() => harness.found.length === 7, "the new ones");
    const recent = await harness.untilListed();
    expect(recent.extent).toBe("recent");
    expect(harness.found).toContain("log/2026-11-04.jpg");
    const requests = harness.site.fake.faults.requests.at(-1);
    expect(requests?.query.get("start-after")).toBe("log/2026-11-04.jpg");
    await harness.list(settings);
    expect(harness.found).toHaveLength(9);
  });
});

describe("a server that fails", () => {
  test.each([
    ["access-denied", "S3_ACCESS_DENIED"],
    ["internal-error", "S3_UNAVAILABLE"],
    ["slow-down", "S3_BUSY"],
    ["half-body", "S3_UNAVAILABLE"],
    ["reset", "S3_UNAVAILABLE"],
  ] as const)(
    "with %s is named, asked again, and everything is found when it answers",
    async (kind, code) => {
      await using harness = await S3Harness.make();
      harness.put("a.jpg");
      harness.site.fake.faults.add({ operation: "ListObjectsV2", kind });
      await harness.start();
      await harness.until(() => harness.told.bucketUnavailable.length > 0, "unavailable");
      expect(harness.told.bucketUnavailable[0]?.error).toMatchObject({ code });
      expect(harness.source.status.failure).not.toBeNull();
      harness.site.fake.faults.clear();
      await harness.untilListed();
      expect(harness.found).toEqual(["a.jpg"]);
      expect(harness.source.status.failure).toBeNull();
    },
  );

  test("once in a long listing costs a pause and not the listing", async () => {
    await using harness = await S3Harness.make();
    for (let n = 0; n < 3000; n++) harness.put(`${n}.jpg`);
    harness.site.fake.faults.add({ operation: "ListObjectsV2", kind: "slow-down", times: 4 });
    expect((await harness.list()).objects).toBe(3000);
    expect(harness.told.requestRepeated.length).toBeGreaterThan(0);
    expect(harness.told.bucketUnavailable).toEqual([]);
  });
});
