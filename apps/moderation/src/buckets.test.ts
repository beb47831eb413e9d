import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { approveItem, rejectItem, restoreItem, type StepName } from "@sluice/moderation";
import { headObject } from "@sluice/s3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startFakeS3, type FakeS3 } from "../../../packages/s3/src/testing/fake-s3.ts";
import { openSiteBuckets, SITE_BUCKET } from "./testing/site-buckets.ts";
import { GATE, outcomeOf, sha256Of, Site, SWEEP } from "./testing/site.ts";

const CHILD = new URL("testing/crash-child.ts", import.meta.url).pathname;
const CONTENT = {
  bytes: Buffer.from("bytes"),
  headers: { "content-type": "image/jpeg", "x-amz-meta-album": "summer" },
  tags: { owner: "me" },
};
const KEPT = { headers: CONTENT.headers, tags: CONTENT.tags };

let fake: FakeS3;
beforeEach(async () => {
  fake = await startFakeS3();
});
afterEach(() => fake[Symbol.asyncDispose]());

interface BucketSite {
  readonly site: Site;
  /** The verdict of a worker that read the object as it lies there now. */
  readonly verdict: (score: number) => Promise<ReturnType<Site["verdictOf"]>>;
}

/** A site whose roots are in a bucket with one upload, `a/b.jpg`. */
async function siteWith(policy: object, versioning: "off" | "on"): Promise<BucketSite> {
  const buckets = await openSiteBuckets(fake.endpoint.href);
  const site = await Site.make({ policy, buckets });
  await writeFile(site.path("policy.json"), JSON.stringify(policy));
  await writeFile(site.path("endpoint"), fake.endpoint.href);
  fake.bucket(SITE_BUCKET).versioning = versioning;
  fake.bucket(SITE_BUCKET).put("in/a/b.jpg", CONTENT);
  const verdict = async (score: number) => {
    const uploads = [...buckets.values()][0];
    const head = uploads === undefined ? null : await headObject(uploads, "in/a/b.jpg");
    if (head === null) throw new Error("expected the upload to be there");
    const { version, sizeBytes } = head;
    const sha256 = sha256Of(fake.bucket(SITE_BUCKET).find("in/a/b.jpg")?.bytes ?? "");
    return site.verdictOf([outcomeOf({ path: "a/b.jpg", version, sizeBytes }, { sha256, score })]);
  };
  return { site, verdict };
}

async function killAt(site: Site, step: StepName, ...action: string[]): Promise<void> {
  const line = ["--conditions=@sluice/source", CHILD, site.folder, step, ...action];
  const child = spawn(process.execPath, line, { stdio: ["ignore", "inherit", "inherit"] });
  expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
}

/** What a visitor gets. */
function see(key: string) {
  const found = fake.bucket(SITE_BUCKET).find(key);
  return found === null || found.isMarker ? null : found;
}

async function vaultOf(site: Site): Promise<readonly string[]> {
  return await site.vaultContents();
}

const TAKING = [
  "decision.recorded",
  "vault.part-opened",
  "vault.part-synced",
  "vault.sidecar-written",
  "vault.blob-named",
  "record.taking",
  "original.verified",
  "record.removing",
  "original.removed",
  "record.done",
] as const;

describe.each(["off", "on"] as const)("with versioning %s", (versioning) => {
  test.each(TAKING)(
    "killed at %s while it takes an object: the vault has it, alone",
    async (step) => {
      const { site, verdict } = await siteWith(SWEEP, versioning);
      await using _ = site;
      await writeFile(site.path("verdict.json"), JSON.stringify(await verdict(0.9)));
      await killAt(site, step, "settle", site.path("verdict.json"));
      const isThere = see("in/a/b.jpg") !== null;
      expect(isThere || (await vaultOf(site)).length > 0).toBe(true);
      const next = site.start();
      await next.resume();
      expect([see("in/a/b.jpg"), await vaultOf(site)]).toEqual([null, ["bytes"]]);
      expect(site.onlyVaultRecord()).toMatchObject({
        state: "quarantined",
        attributes: { tags: KEPT.tags },
      });
      expect(site.onlyDecision().effect.result).toBe("vaulted");
      expect(await next.resume()).toEqual([]);
    },
  );

  test.each([
    "decision.recorded",
    "place.linked",
    "record.placed",
    "place.tidied",
    "original.removed",
    "record.done",
  ] as const)("killed at %s while it publishes: it is published once, as it was", async (step) => {
    const { site, verdict } = await siteWith(GATE, versioning);
    await using _ = site;
    await writeFile(site.path("verdict.json"), JSON.stringify(await verdict(0.1)));
    await killAt(site, step, "settle", site.path("verdict.json"));
    await site.start().resume();
    expect(see("in/a/b.jpg")).toBeNull();
    expect(see("out/a/b.jpg")).toMatchObject({ ...KEPT, bytes: CONTENT.bytes });
    expect(fake.bucket(SITE_BUCKET).versionsOf("out/a/b.jpg")).toHaveLength(1);
    expect(site.onlyDecision().effect.result).toBe("published");
  });

  test.each([
    "record.begun",
    "place.linked",
    "record.placed",
    "place.tidied",
    "record.done",
  ] as const)("killed at %s while it restores: it is back once, as it was", async (step) => {
    const { site, verdict } = await siteWith(SWEEP, versioning);
    await using _ = site;
    await site.start().settle(await verdict(0.9));
    await killAt(site, step, "restore", site.onlyVaultRecord().id);
    await site.start().resume();
    expect(see("in/a/b.jpg")).toMatchObject({ ...KEPT, bytes: CONTENT.bytes });
    expect(
      fake
        .bucket(SITE_BUCKET)
        .versionsOf("in/a/b.jpg")
        .filter((v) => !v.isMarker),
    ).toHaveLength(1);
    using records = site.view();
    expect(records.vault({ limit: 10, states: ["restored"] })).toHaveLength(1);
  });

  test("a restore sticks: the same content is not taken again", async () => {
    const { site, verdict } = await siteWith(SWEEP, versioning);
    await using _ = site;
    const moderation = site.start();
    await moderation.settle(await verdict(0.9));
    const { id } = site.onlyVaultRecord();
    await restoreItem({ id, to: null }, moderation.operator("anna"));
    await moderation.settle(await verdict(0.9));
    expect(see("in/a/b.jpg")).toMatchObject(KEPT);
  });

  test("without a byte in the published place before an allow, a forbidden upload goes to the vault", async () => {
    const { site, verdict } = await siteWith(GATE, versioning);
    await using _ = site;
    await site.start().settle(await verdict(0.9));
    expect([see("in/a/b.jpg"), see("out/a/b.jpg"), await vaultOf(site)]).toEqual([
      null,
      null,
      ["bytes"],
    ]);
    expect(fake.bucket(SITE_BUCKET).versionsOf("out/a/b.jpg")).toEqual([]);
  });

  test("what is written over it in the moment of removal is not taken for it", async () => {
    const { site, verdict } = await siteWith(SWEEP, versioning);
    await using _ = site;
    const newer = { bytes: Buffer.from("newer") };
    fake.faults.before("DeleteObject", () => fake.bucket(SITE_BUCKET).put("in/a/b.jpg", newer));
    await site.start().settle(await verdict(0.9));
    expect(see("in/a/b.jpg")).toMatchObject(newer);
    expect(await vaultOf(site)).toEqual(["bytes"]);
  });
});

describe("an object that its bucket does not let go", () => {
  async function lockedSite() {
    const { site, verdict } = await siteWith(SWEEP, "on");
    const found = fake.bucket(SITE_BUCKET).find("in/a/b.jpg");
    if (found !== null) found.hasLegalHold = true;
    const moderation = site.start();
    await moderation.settle(await verdict(0.9));
    return { site, moderation, found };
  }

  test("is tagged, waits for a person, and does not count as taken", async () => {
    const { site, moderation } = await lockedSite();
    await using _ = site;
    expect(see("in/a/b.jpg")?.tags).toEqual({ owner: "me", "sluice-decision": "quarantine" });
    expect(site.onlyDecision().effect.result).toBe("locked");
    using records = site.view();
    expect(records.counts()).toMatchObject({ waiting: 1, inVault: 0, openEffects: 0 });
    expect(await vaultOf(site)).toEqual([]);
    expect(await moderation.resume(), "it is not tried without end").toEqual([]);
  });

  test("carries no mark when it was allowed and published", async () => {
    const { site, verdict } = await siteWith(GATE, "on");
    await using _ = site;
    const found = fake.bucket(SITE_BUCKET).find("in/a/b.jpg");
    if (found !== null) found.hasLegalHold = true;
    await site.start().settle(await verdict(0.1));
    expect(site.onlyDecision().effect.result).toBe("published");
    expect(see("in/a/b.jpg")?.tags).toEqual(KEPT.tags);
    expect(see("out/a/b.jpg")).toMatchObject(KEPT);
  });

  test("goes to the vault when the lock is off and it is rejected again", async () => {
    const { site, moderation, found } = await lockedSite();
    await using _ = site;
    if (found !== null) found.hasLegalHold = false;
    const { id } = site.onlyDecision().record;
    await rejectItem(id, moderation.operator("anna"));
    expect([see("in/a/b.jpg"), await vaultOf(site)]).toEqual([null, ["bytes"]]);
  });

  test("loses its mark when a person approves it", async () => {
    const { site, moderation } = await lockedSite();
    await using _ = site;
    const { id } = site.onlyDecision().record;
    await approveItem(id, { ...moderation.operator("anna"), onConflict: "hold" });
    expect(see("in/a/b.jpg")?.tags).toEqual({ owner: "me" });
    using records = site.view();
    expect(records.counts().waiting).toBe(0);
  });

  test("is told of also when it may not even be tagged", async () => {
    const { site, verdict } = await siteWith(SWEEP, "off");
    await using _ = site;
    fake.faults.add({ operation: "DeleteObject", kind: "access-denied" });
    fake.faults.add({ operation: "PutObjectTagging", kind: "access-denied" });
    await site.start().settle(await verdict(0.9));
    expect(site.onlyDecision().effect.result).toBe("locked");
    expect(see("in/a/b.jpg")?.tags).toEqual({ owner: "me" });
  });
});

test.each(["slow-down", "internal-error", "reset", "answer-lost"] as const)(
  "%s on removal is tried again until it is gone",
  async (kind) => {
    const { site, verdict } = await siteWith(SWEEP, "off");
    await using _ = site;
    fake.faults.add({ operation: "DeleteObject", kind, times: 2 });
    const moderation = site.start();
    await moderation.settle(await verdict(0.9));
    await moderation.resume();
    expect([see("in/a/b.jpg"), await vaultOf(site)]).toEqual([null, ["bytes"]]);
    expect(site.onlyDecision().effect.result).toBe("vaulted");
  },
);

test.each(["half-body", "access-denied"] as const)(
  "%s while it is copied takes nothing",
  async (kind) => {
    const { site, verdict } = await siteWith(SWEEP, "off");
    await using _ = site;
    const judged = await verdict(0.9);
    fake.faults.add({ operation: "GetObject", kind, times: 1 });
    const moderation = site.start();
    await moderation.settle(judged);
    expect(see("in/a/b.jpg")).toMatchObject(KEPT);
    expect(site.onlyDecision().failure?.code).toMatch(/^S3_(?:BODY_INCOMPLETE|ACCESS_DENIED)$/u);
    await moderation.resume();
    expect([see("in/a/b.jpg"), await vaultOf(site)]).toEqual([null, ["bytes"]]);
  },
);
