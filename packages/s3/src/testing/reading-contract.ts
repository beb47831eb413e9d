import { createHash, randomBytes } from "node:crypto";
import type { ObjectRef } from "@sluice/contracts";
import { expect, test } from "vitest";
import type { ObjectHead } from "../client/head-object.ts";
import { createS3Reader } from "../read/s3-reader.ts";
import { ContractSite, type ContractServer, type SiteOptions } from "./contract-site.ts";

const KEY = "in/a.jpg";
const GONE = {
  missing: { kind: "gone", reason: "missing" },
  changed: { kind: "gone", reason: "changed" },
};

const QUIET = { troubled: () => undefined };

async function setUp(server: ContractServer, options: SiteOptions = {}) {
  const site = await ContractSite.make(server, options);
  const reader = createS3Reader({ buckets: site.buckets, maxImageBytes: 1 << 20, events: QUIET });
  const read = async (key: string, { version, sizeBytes }: ObjectHead) => {
    const object: ObjectRef = { path: site.path(key), version, sizeBytes };
    return await reader.read(site.uploads, object);
  };
  return { site, read, [Symbol.dispose]: () => site[Symbol.dispose]() };
}

/** What every server must give a worker. */
export function testReadingContract(server: () => ContractServer): void {
  test("the bytes that are read are those of the version", async () => {
    using run = await setUp(server());
    const text = randomBytes(100_000).toString("base64");
    const sha256 = createHash("sha256").update(text).digest("hex");
    expect(await run.read(KEY, await run.site.put(KEY, text))).toMatchObject({
      kind: "bytes",
      sha256,
    });
  });

  test.each(["in/a b+c%20ü.jpg", "in//x", "in/../x", "in/line\nbreak", "in/<x>&.jpg", "in/dir/"])(
    "the key %j is read",
    async (key) => {
      using run = await setUp(server());
      expect(await run.read(key, await run.site.put(key, "bytes"))).toMatchObject({
        kind: "bytes",
      });
    },
  );

  test("what was written over, removed, emptied or too large is told by its name", async () => {
    using run = await setUp(server());
    const first = await run.site.put(KEY, "bytes");
    const second = await run.site.put(KEY, "other");
    expect(await run.read(KEY, first)).toEqual(GONE.changed);
    expect(await run.read("in/b.jpg", second)).toEqual(GONE.missing);
    expect(await run.read(KEY, await run.site.put(KEY, ""))).toMatchObject({ reason: "empty" });
    const large = await run.site.put(KEY, "x".repeat((1 << 20) + 1));
    expect(await run.read(KEY, large)).toMatchObject({ reason: "too-many-bytes" });
  });

  test("with versions each is read by its own, until it is removed", async () => {
    using run = await setUp(server(), { isVersioned: true });
    const first = await run.site.put(KEY, "bytes");
    const second = await run.site.put(KEY, "other");
    expect(await run.read(KEY, first)).toMatchObject({
      kind: "bytes",
      bytes: Buffer.from("bytes"),
    });
    expect(await run.read(KEY, second)).toMatchObject({ bytes: Buffer.from("other") });
    await run.site.remove(KEY, first.versionId);
    expect(await run.read(KEY, first)).toEqual(GONE.missing);
    expect(await run.read(KEY, { ...second, version: run.site.neverGiven })).toEqual(GONE.missing);
  });

  test("under a customer's key it is read with it and not without", async () => {
    using run = await setUp(server(), { customerKey: randomBytes(32) });
    const head = await run.site.put(KEY, "bytes");
    expect(await run.read(KEY, head)).toMatchObject({ kind: "bytes", bytes: Buffer.from("bytes") });
    using bare = await run.site.withoutCustomerKey();
    const reader = createS3Reader({ buckets: bare.buckets, maxImageBytes: 1 << 20, events: QUIET });
    const object = { path: run.site.path(KEY), version: head.version, sizeBytes: 5 };
    const answer = await reader.read(run.site.uploads, object);
    expect(answer).toMatchObject({ kind: "unscannable", reason: "unreadable" });
  });
}
