import { createHash } from "node:crypto";
import { sha256Schema, type Sha256 } from "@sluice/contracts";
import type { OpenedObject, StepName } from "@sluice/moderation";
import { expect, test } from "vitest";
import type { ObjectHead } from "../client/head-object.ts";
import { mayServerCopy } from "../moderation/copy-object.ts";
import { DECISION_TAG, S3Originals } from "../moderation/s3-originals.ts";
import { S3Places } from "../moderation/s3-places.ts";
import { S3StoredObjects } from "../moderation/s3-stored-objects.ts";
import { ContractSite, type ContractServer, type SiteOptions } from "./contract-site.ts";
import { MemoryVault } from "./memory-vault.ts";

const KEY = "in/a b+ü.jpg";
const PUBLISHED = "out/a b+ü.jpg";
/** Everything that a bucket keeps beside the bytes. */
const FIELDS = {
  ContentType: "image/jpeg",
  ContentDisposition: 'attachment; filename="a.jpg"',
  CacheControl: "max-age=60",
  Metadata: { album: "summer", "camera-model": "x100" },
  Tagging: "owner=me&kind=photo%20of%20a%20fish",
};
const KEPT = {
  type: FIELDS.ContentType,
  disposition: FIELDS.ContentDisposition,
  cacheControl: FIELDS.CacheControl,
  metadata: FIELDS.Metadata,
  tags: { owner: "me", kind: "photo of a fish" },
};

export interface ContractOptions {
  readonly server: () => ContractServer;
  /** What this server can. */
  readonly heedsCopyConditions: boolean;
}

function sha256Of(text: string): Sha256 {
  return sha256Schema.parse(createHash("sha256").update(text).digest("hex"));
}

async function setUp({ server }: ContractOptions, options: SiteOptions = {}) {
  const site = await ContractSite.make(server(), options);
  const steps: StepName[] = [];
  const told: string[] = [];
  const events = {
    originalLocked: () => void told.push("locked"),
    markRefused: () => void told.push("mark refused"),
  };
  const common = { buckets: site.buckets, onStep: (step: StepName) => steps.push(step) };
  const vault = new MemoryVault();
  const stored = new S3StoredObjects(site.buckets);
  const opened = async (head: ObjectHead, key = KEY): Promise<OpenedObject> => {
    const found = await stored.open(site.original(key, head));
    if (found.kind !== "open") throw new Error(`expected ${key} to be open, it is ${found.kind}`);
    return found;
  };
  const publishRequest = (head: ObjectHead, text: string) => {
    return { ...site.original(KEY, head), to: site.published, sha256: sha256Of(text) };
  };
  return {
    site,
    steps,
    told,
    vault,
    stored,
    opened,
    publishRequest,
    originals: new S3Originals({ ...common, events }),
    places: new S3Places({ ...common, vault }),
    copying: new S3Places({ ...common, vault, mayCopy: () => true }),
    [Symbol.dispose]: () => site[Symbol.dispose](),
  };
}

/** What every server must let moderation do; `describe` names the server around it. */
export function testModerationContract(options: ContractOptions): void {
  testRemoving(options);
  testVersions(options);
  testLocks(options);
  testPublishing(options);
  testRestoring(options);
}

function testRemoving(options: ContractOptions): void {
  test("the judged object is set aside and removed, and both may be asked again", async () => {
    using run = await setUp(options);
    const original = run.site.original(KEY, await run.site.put(KEY, "bytes"));
    expect(await run.originals.setAside(original)).toBe("aside");
    expect(await run.originals.setAside(original)).toBe("aside");
    expect(await run.originals.remove(original)).toBe("removed");
    expect(await run.site.see(KEY)).toBeNull();
    expect(await run.originals.remove(original)).toBe("gone");
    expect(await run.originals.setAside(original)).toBe("gone");
  });

  test("what was written over it is left alone", async () => {
    using run = await setUp(options);
    const original = run.site.original(KEY, await run.site.put(KEY, "bytes"));
    await run.site.put(KEY, "other bytes");
    expect(await run.originals.setAside(original)).toBe("changed");
    expect(await run.originals.remove(original)).toBe("changed");
    expect(await run.stored.open(original)).toEqual({ kind: "changed" });
    expect(await run.site.see(KEY)).toMatchObject({ text: "other bytes" });
  });
}

function testVersions(options: ContractOptions): void {
  test("with versions exactly the judged one goes, also from below a newer one", async () => {
    using run = await setUp(options, { isVersioned: true });
    const first = await run.site.put(KEY, "bytes");
    await run.site.put(KEY, "newer");
    const original = run.site.original(KEY, first);
    expect(await run.originals.setAside(original)).toBe("aside");
    expect(await run.originals.remove(original)).toBe("removed");
    expect(await run.site.see(KEY)).toMatchObject({ text: "newer" });
    expect(await run.site.countVersions(KEY)).toBe(1);
    expect(await run.originals.remove(original)).toBe("changed");
  });

  test("what lay below the removed version does not come to light again", async () => {
    using run = await setUp(options, { isVersioned: true });
    await run.site.put(KEY, "older");
    const original = run.site.original(KEY, await run.site.put(KEY, "bytes"));
    expect(await run.originals.remove(original)).toBe("removed");
    expect(await run.site.see(KEY)).toBeNull();
    expect(await run.site.countVersions(KEY)).toBe(1);
  });

  test("nor does it where versions are not kept any more", async () => {
    using run = await setUp(options, { isVersioned: true });
    await run.site.put(KEY, "older");
    await run.site.suspendVersions();
    const original = run.site.original(KEY, await run.site.put(KEY, "bytes"));
    expect(await run.originals.remove(original)).toBe("removed");
    expect(await run.site.see(KEY)).toBeNull();
    expect(await run.site.countVersions(KEY)).toBe(1);
    expect(await run.originals.remove(original)).toBe("gone");
  });

  test("a version that nothing lies below goes without a delete marker", async () => {
    using run = await setUp(options, { isVersioned: true });
    await run.site.put(`${KEY}.other`, "a key that begins with the same letters");
    const original = run.site.original(KEY, await run.site.put(KEY, "bytes"));
    expect(await run.originals.remove(original)).toBe("removed");
    expect(await run.site.countVersions(KEY)).toBe(0);
    expect(await run.site.see(`${KEY}.other`)).not.toBeNull();
  });
}

function testLocks(options: ContractOptions): void {
  test("a locked object is marked and stays, in the sight of everybody; unlocked it goes", async () => {
    using run = await setUp(options, { canLock: true });
    await run.site.put(KEY, "older");
    const head = await run.site.put(KEY, "bytes", FIELDS);
    const original = run.site.original(KEY, head);
    await run.site.hold(KEY, true);
    expect(await run.originals.remove(original)).toBe("locked");
    expect(await run.site.see(KEY)).toEqual({ ...KEPT, text: "bytes" });
    await run.originals.mark(original);
    const tags = { ...KEPT.tags, [DECISION_TAG]: "quarantine" };
    expect(await run.site.see(KEY)).toEqual({ ...KEPT, text: "bytes", tags });
    expect(run.told).toEqual(["locked"]);
    await run.originals.unmark(original);
    expect(await run.site.see(KEY)).toEqual({ ...KEPT, text: "bytes" });
    await run.site.hold(KEY, false);
    expect(await run.originals.remove(original)).toBe("removed");
    expect(await run.site.see(KEY)).toBeNull();
  });
}

function testPublishing(options: ContractOptions): void {
  const ways = options.heedsCopyConditions
    ? (["places", "copying"] as const)
    : (["places"] as const);

  test.each(ways)("published by %s it has its bytes, metadata, type and tags", async (way) => {
    using run = await setUp(options, { isVersioned: way === "copying" });
    const request = run.publishRequest(await run.site.put(KEY, "bytes", FIELDS), "bytes");
    expect(await run[way].publish(request)).toEqual({ kind: "placed" });
    expect(await run.site.see(PUBLISHED)).toEqual({ ...KEPT, text: "bytes" });
    expect(await run[way].publish(request), "after a crash").toEqual({ kind: "placed" });
    expect(await run.originals.remove(request)).toBe("removed");
    expect(await run[way].publish(request), "with the source gone").toEqual({ kind: "placed" });
  });

  test.each([0, 1, 5_000_001])(
    "%i bytes are published, taken and given back whole",
    async (length) => {
      using run = await setUp(options);
      const text = "x".repeat(length);
      const head = await run.site.put(KEY, text);
      const original = run.site.original(KEY, head);
      const provenance = await run.vault.keep(await run.opened(head), original);
      expect(await run.places.publish(run.publishRequest(head, text))).toEqual({ kind: "placed" });
      expect(await run.originals.remove(original)).toBe("removed");
      await run.places.restore({ provenance, to: original, token: "e2" });
      const found = [await run.site.see(PUBLISHED), await run.site.see(KEY)];
      expect(found.map((one) => one !== null && one.text === text)).toEqual([true, true]);
    },
  );

  test.each(ways)("%s never publishes over another object", async (way) => {
    using run = await setUp(options);
    const request = run.publishRequest(await run.site.put(KEY, "bytes"), "bytes");
    const other = await run.site.put(PUBLISHED, "other");
    const conflict = { kind: "conflict", existing: other.version };
    expect(await run[way].publish(request)).toEqual(conflict);
    expect(await run.site.see(PUBLISHED)).toMatchObject({ text: "other" });
  });

  test("under a customer's key it is published, taken and given back with it", async () => {
    using run = await setUp(options, { customerKey: Buffer.alloc(32, 7) });
    const head = await run.site.put(KEY, "bytes", FIELDS);
    const original = run.site.original(KEY, head);
    const provenance = await run.vault.keep(await run.opened(head), original);
    expect(await run.places.publish(run.publishRequest(head, "bytes"))).toEqual({ kind: "placed" });
    expect(await run.site.see(PUBLISHED)).toEqual({ ...KEPT, text: "bytes" });
    expect(await run.originals.remove(original)).toBe("removed");
    await run.places.restore({ provenance, to: original, token: "e2" });
    expect(await run.site.see(KEY)).toEqual({ ...KEPT, text: "bytes" });
    using bare = await run.site.withoutCustomerKey();
    expect(await bare.see(KEY)).toBeNull();
  });

  test("what was written over it, or is not what was judged, is not published", async () => {
    using run = await setUp(options);
    const head = await run.site.put(KEY, "bytes");
    const forged = run.publishRequest(head, "other bytes");
    expect(await run.places.publish(forged)).toEqual({ kind: "changed" });
    expect(await run.site.see(PUBLISHED)).toBeNull();
    await run.site.put(KEY, "newer");
    expect(await run.places.publish(run.publishRequest(head, "bytes"))).toEqual({
      kind: "changed",
    });
    expect(await run.site.see(PUBLISHED)).toBeNull();
  });

  test("a server of somebody else's is not left to copy", async () => {
    using run = await setUp(options);
    const [one, other] = [...run.site.buckets.values()];
    if (one === undefined || other === undefined) throw new Error("expected two buckets");
    expect(mayServerCopy(one, other)).toBe(false);
  });
}

function testRestoring(options: ContractOptions): void {
  test("given back it is what it was: bytes, metadata, type and tags", async () => {
    using run = await setUp(options);
    const head = await run.site.put(KEY, "bytes", FIELDS);
    const original = run.site.original(KEY, head);
    const provenance = await run.vault.keep(await run.opened(head), original);
    await run.originals.remove(original);
    const request = { provenance, to: original, token: "e2" };
    expect(await run.places.restore(request)).toEqual({ kind: "placed" });
    expect(await run.site.see(KEY)).toEqual({ ...KEPT, text: "bytes" });
    expect(await run.places.restore(request), "after a crash").toEqual({ kind: "placed" });
    await run.places.tidy();
    expect(await run.site.see(KEY)).toEqual({ ...KEPT, text: "bytes" });
  });

  test("nothing is given back over another object, and nothing half", async () => {
    using run = await setUp(options);
    const head = await run.site.put(KEY, "bytes");
    const original = run.site.original(KEY, head);
    const provenance = await run.vault.keep(await run.opened(head), original);
    await run.originals.remove(original);
    const request = { provenance, to: original, token: "e2" };
    run.vault.isDamaged = true;
    await expect(run.places.restore(request)).rejects.toThrow("damaged");
    expect(await run.site.see(KEY)).toBeNull();
    const other = await run.site.put(KEY, "other");
    const conflict = { kind: "conflict", existing: other.version };
    expect(await run.places.restore(request)).toEqual(conflict);
    expect(await run.site.see(KEY)).toMatchObject({ text: "other" });
  });
}
