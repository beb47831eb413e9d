import { createHash } from "node:crypto";
import { rootNameSchema, type ObjectRef } from "@sluice/contracts";
import { expect, onTestFinished, test } from "vitest";
import type { BucketSettings } from "../client/bucket-settings.ts";
import { headObject } from "../client/head-object.ts";
import type { FaultKind } from "../testing/fake-faults.ts";
import { startFakeSite } from "../testing/test-bucket.ts";
import { createS3Reader } from "./s3-reader.ts";

const root = rootNameSchema.parse("uploads");
const BYTES = Buffer.from("the bytes of a picture");

async function setUp(settings: Partial<BucketSettings> = {}) {
  const site = await startFakeSite({ prefix: "in/", timeoutMs: 300, ...settings });
  onTestFinished(() => site[Symbol.asyncDispose]());
  const bucket = site.fake.bucket("uploads");
  const buckets = new Map([[root, site.bucket]]);
  const troubles: string[] = [];
  const events = { troubled: ({ detail }: { detail: string }) => void troubles.push(detail) };
  const reader = createS3Reader({ buckets, maxImageBytes: 1000, events });
  /** What a listing would have said. */
  const refer = async (key: string): Promise<ObjectRef> => {
    const head = await headObject(site.bucket, key);
    const path = site.bucket.pathOf(key);
    if (head === null || path === null) throw new Error(`expected ${key} to be there`);
    return { path, version: head.version, sizeBytes: head.sizeBytes };
  };
  return {
    ...site,
    troubles,
    uploads: bucket,
    refer,
    read: (object: ObjectRef) => reader.read(root, object),
  };
}

test("an object is read with its hash, also under a key that is no path", async () => {
  const { uploads, refer, read } = await setUp();
  for (const key of ["in/a.jpg", "in//../ü+ b.jpg"]) {
    uploads.put(key, { bytes: BYTES });
    expect(await read(await refer(key))).toEqual({
      kind: "bytes",
      bytes: BYTES,
      sha256: createHash("sha256").update(BYTES).digest("hex"),
    });
  }
});

test("empty, too large, missing and changed objects are told apart", async () => {
  const { uploads, refer, read } = await setUp();
  uploads.put("in/empty", { bytes: Buffer.alloc(0) });
  expect(await read(await refer("in/empty"))).toMatchObject({ reason: "empty" });
  uploads.put("in/large", { bytes: Buffer.alloc(1001) });
  expect(await read(await refer("in/large"))).toMatchObject({ reason: "too-many-bytes" });
  uploads.put("in/a", { bytes: BYTES });
  const object = await refer("in/a");
  uploads.put("in/a", { bytes: Buffer.from("another") });
  expect(await read(object)).toEqual({ kind: "gone", reason: "changed" });
  uploads.delete("in/a", null);
  expect(await read(object)).toEqual({ kind: "gone", reason: "missing" });
});

test("the same ETag at another time is a changed object", async () => {
  const { uploads, refer, read } = await setUp();
  uploads.put("in/a", { bytes: BYTES });
  const object = await refer("in/a");
  const found = uploads.find("in/a");
  if (found !== null) Object.assign(found, { lastModifiedMs: found.lastModifiedMs + 5000 });
  expect(await read(object)).toEqual({ kind: "gone", reason: "changed" });
});

test("with versions, the listed one is read although another lies over it", async () => {
  const { uploads, refer, read } = await setUp();
  uploads.versioning = "on";
  uploads.put("in/a", { bytes: BYTES });
  const object = await refer("in/a");
  uploads.put("in/a", { bytes: Buffer.from("another") });
  expect(await read(object)).toMatchObject({ kind: "bytes", bytes: BYTES });
  uploads.delete("in/a", object.version.slice(1));
  expect(await read(object)).toEqual({ kind: "gone", reason: "missing" });
});

test.each<FaultKind>(["half-body", "stalled-body", "internal-error", "slow-down"])(
  "%s is asked for again",
  async (kind) => {
    const { fake, uploads, refer, read } = await setUp();
    uploads.put("in/a", { bytes: BYTES });
    const object = await refer("in/a");
    fake.faults.add({ operation: "GetObject", kind, times: 1 });
    expect(await read(object)).toMatchObject({ kind: "bytes", bytes: BYTES });
  },
);

test.each<[FaultKind, RegExp]>([
  ["half-body", /gave \d+ of 22 bytes/u],
  ["stalled-body", /gave \d+ of 22 bytes/u],
  ["internal-error", /500 InternalError/u],
  ["slow-down", /503 SlowDown/u],
  ["access-denied", /was refused \(403 AccessDenied\)/u],
  ["reset", /ECONNRESET/u],
  ["garbage", /an answer without ETag/u],
])("%s without end makes it unreadable, after as many attempts as are set", async (kind, told) => {
  const { fake, uploads, refer, read } = await setUp();
  uploads.put("in/a", { bytes: BYTES });
  const object = await refer("in/a");
  fake.faults.add({ operation: "GetObject", kind });
  const detail: unknown = expect.stringMatching(told);
  expect(await read(object)).toEqual({ kind: "unscannable", reason: "unreadable", detail });
  const tries = fake.faults.requests.filter(({ operation }) => operation === "GetObject").length;
  expect(tries).toBe(["access-denied", "garbage"].includes(kind) ? 1 : 2);
});

test("while the server is busy the object waits, and is read when it is not any more", async () => {
  const { fake, uploads, refer, read, troubles } = await setUp({ giveUpAfterMs: 60_000 });
  uploads.put("in/a", { bytes: BYTES });
  const object = await refer("in/a");
  fake.faults.add({ operation: "GetObject", kind: "slow-down", times: 5 });
  expect(await read(object)).toMatchObject({ kind: "bytes", bytes: BYTES });
  expect(troubles).toEqual([expect.stringMatching(/503 SlowDown/u), expect.stringMatching(/503/u)]);
});

test("in a bucket that is away nothing is gone, it is unreadable", async () => {
  const { fake, uploads, refer, read } = await setUp();
  uploads.put("in/a", { bytes: BYTES });
  const object = await refer("in/a");
  fake.removeBucket("uploads");
  expect(await read(object)).toMatchObject({ kind: "unscannable", reason: "unreadable" });
});

test("a page that says 404 does not make an object gone", async () => {
  const { fake, uploads, refer, read } = await setUp();
  uploads.put("in/a", { bytes: BYTES });
  const object = await refer("in/a");
  fake.faults.add({ kind: "not-found-page" });
  expect(await read(object)).toMatchObject({ kind: "unscannable", reason: "unreadable" });
});

test("connections are used again", async () => {
  const { uploads, refer, read, fake } = await setUp();
  uploads.put("in/a", { bytes: BYTES });
  const object = await refer("in/a");
  for (let i = 0; i < 5; i++) await read(object);
  expect(fake.connections).toBe(1);
});
