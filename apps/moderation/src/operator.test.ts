import { access, chmod, lstat, rm, writeFile } from "node:fs/promises";
import { execFileSync } from "node:child_process";
import { rootNameSchema, objectPathSchema } from "@sluice/contracts";
import {
  approveItem,
  NotInReviewError,
  NotInVaultError,
  ObjectChangedError,
  rejectItem,
  restoreItem,
  TargetOccupiedError,
} from "@sluice/moderation";
import { describe, expect, test } from "vitest";
import { GATE, sha256Of, Site, SWEEP } from "./testing/site.ts";

/** A sweep site whose only upload was just taken into the vault. */
async function quarantined(): Promise<Site> {
  const site = await Site.make({ policy: SWEEP });
  await site.upload("a/cat.jpg", "bad");
  await chmod(site.path("uploads/a/cat.jpg"), 0o604);
  execFileSync("touch", ["-d", "@1500000000.123456789", site.path("uploads/a/cat.jpg")]);
  await site.start().settle(await site.verdict({ "a/cat.jpg": 0.9 }));
  return site;
}

/** A site whose only upload waits for a person. */
async function waiting(policy: object): Promise<Site> {
  const site = await Site.make({ policy });
  await site.upload("cat.jpg", "hm");
  await site.start().settle(await site.verdict({ "cat.jpg": 0.3 }));
  return site;
}

async function restore(site: Site, to: string | null = null): Promise<void> {
  const root = rootNameSchema.parse("uploads");
  const target = to === null ? null : { root, path: objectPathSchema.parse(to) };
  const options = site.start().operator("anna");
  await restoreItem({ id: site.onlyVaultRecord().id, to: target }, options);
}

describe("restore", () => {
  test("gives back bytes, path, mode and mtime to the nanosecond", async () => {
    await using site = await quarantined();
    await rm(site.path("uploads/a"), { recursive: true });
    await restore(site);
    expect(await site.files("uploads")).toEqual({ "a/cat.jpg": "bad" });
    const { mode, mtimeNs } = await lstat(site.path("uploads/a/cat.jpg"), { bigint: true });
    expect([Number(mode) & 0o777, mtimeNs]).toEqual([0o604, 1_500_000_000_123_456_789n]);
  });

  test("sticks: the same content is allowed under the same policy, wherever it is seen again", async () => {
    await using site = await quarantined();
    await restore(site);
    await site.upload("copy.jpg", "bad");
    await site.start().settle(await site.verdict({ "a/cat.jpg": 0.9, "copy.jpg": 0.9 }));
    expect(Object.keys(await site.files("uploads"))).toEqual(["a/cat.jpg", "copy.jpg"]);
    using records = site.view();
    const [newest] = records.decisions({ limit: 1 });
    expect(newest?.record).toMatchObject({ decision: "allow", rule: { kind: "exemption" } });
  });

  test("does not overwrite a file that lies there by now, and can go elsewhere instead", async () => {
    await using site = await quarantined();
    await site.upload("a/cat.jpg", "another");
    await expect(restore(site)).rejects.toBeInstanceOf(TargetOccupiedError);
    expect(await site.files("uploads")).toEqual({ "a/cat.jpg": "another" });
    expect(site.onlyVaultRecord().state).toBe("quarantined");
    await restore(site, "b/cat.jpg");
    expect(await site.files("uploads")).toEqual({ "a/cat.jpg": "another", "b/cat.jpg": "bad" });
  });

  test("refuses what was given back before, and vault bytes stay for the other record", async () => {
    await using site = await Site.make({ policy: SWEEP });
    await site.upload("a.jpg", "bad");
    await site.upload("b.jpg", "bad");
    await site.start().settle(await site.verdict({ "a.jpg": 0.9, "b.jpg": 0.9 }));
    using records = site.view();
    const ids = records.vault({ limit: 2 }).map(({ id }) => id);
    for (const id of ids) await restoreItem({ id, to: null }, site.start().operator("anna"));
    expect(await site.files("uploads")).toEqual({ "a.jpg": "bad", "b.jpg": "bad" });
    const again = ids.map((id) => restoreItem({ id, to: null }, site.start().operator("anna")));
    for (const attempt of again) await expect(attempt).rejects.toBeInstanceOf(NotInVaultError);
  });

  test("notices bytes in the vault that are not what they were, and gives nothing back", async () => {
    await using site = await quarantined();
    const sha = sha256Of("bad");
    await writeFile(`${site.vaultDir}/${sha.slice(0, 2)}/${sha}`, "rot");
    await expect(restore(site)).rejects.toThrow(/do not have their hash/u);
    await expect(access(site.path("uploads/a/cat.jpg"))).rejects.toThrow(/ENOENT/u);
  });
});

describe("review", () => {
  const operator = (site: Site) => site.start().operator("anna");

  test("approving at the gate publishes, and the same content is allowed from then on", async () => {
    await using site = await waiting(GATE);
    await approveItem(site.onlyDecision().record.id, { ...operator(site), onConflict: "hold" });
    expect([await site.files("uploads"), await site.files("published")]).toEqual([
      {},
      { "cat.jpg": "hm" },
    ]);
    await site.upload("again.jpg", "hm");
    await site.start().settle(await site.verdict({ "again.jpg": 0.3 }));
    expect(Object.keys(await site.files("published"))).toEqual(["again.jpg", "cat.jpg"]);
  });

  test("rejecting at the gate moves the file into the vault", async () => {
    await using site = await waiting(GATE);
    await rejectItem(site.onlyDecision().record.id, operator(site));
    expect([await site.files("uploads"), await site.files("published")]).toEqual([{}, {}]);
    expect(site.onlyVaultRecord().state).toBe("quarantined");
  });

  test("approving in sweep mode brings the file back from the vault", async () => {
    await using site = await waiting(SWEEP);
    expect(await site.files("uploads")).toEqual({});
    await approveItem(site.onlyDecision().record.id, { ...operator(site), onConflict: "hold" });
    expect(await site.files("uploads")).toEqual({ "cat.jpg": "hm" });
  });

  test("rejecting in sweep mode leaves the file in the vault, quarantined", async () => {
    await using site = await waiting(SWEEP);
    await rejectItem(site.onlyDecision().record.id, operator(site));
    expect(site.onlyVaultRecord().state).toBe("quarantined");
    expect(await site.files("uploads")).toEqual({});
  });

  test("a file that stayed public is taken when rejected and stays when approved", async () => {
    const policy = { ...SWEEP, onReview: "leave" };
    await using rejected = await waiting(policy);
    await rejectItem(rejected.onlyDecision().record.id, operator(rejected));
    expect(await rejected.files("uploads")).toEqual({});
    await using approved = await waiting(policy);
    const { id } = approved.onlyDecision().record;
    await approveItem(id, { ...operator(approved), onConflict: "hold" });
    expect(await approved.files("uploads")).toEqual({ "cat.jpg": "hm" });
    const again = approveItem(id, { ...operator(approved), onConflict: "hold" });
    await expect(again).rejects.toBeInstanceOf(NotInReviewError);
  });

  test("a file that changed while it waited is not published on the old one's account", async () => {
    await using site = await waiting(GATE);
    await site.upload("cat.jpg", "another");
    const approval = approveItem(site.onlyDecision().record.id, {
      ...operator(site),
      onConflict: "hold",
    });
    await expect(approval).rejects.toBeInstanceOf(ObjectChangedError);
    expect(await site.files("published")).toEqual({});
  });

  test("a conflict is approved only with the word to replace", async () => {
    await using site = await waiting(GATE);
    await writeFile(site.path("published/cat.jpg"), "old");
    const { id } = site.onlyDecision().record;
    const plain = approveItem(id, { ...operator(site), onConflict: "hold" });
    await expect(plain).rejects.toBeInstanceOf(TargetOccupiedError);
    expect(await site.files("published")).toEqual({ "cat.jpg": "old" });
    await approveItem(id, { ...operator(site), onConflict: "replace" });
    expect(await site.files("published")).toEqual({ "cat.jpg": "hm" });
    expect(await site.vaultContents()).toEqual(["old"]);
  });

  test("who did what is in the log of actions, in order", async () => {
    await using site = await waiting(SWEEP);
    const { id } = site.onlyDecision().record;
    await approveItem(id, { ...operator(site), onConflict: "hold" });
    using records = site.view();
    expect(records.actions(id).map(({ actor, action }) => `${actor}: ${action}`)).toEqual([
      "policy: effect.vaulted",
      "anna: review.approved",
      "anna: effect.restored",
    ]);
    expect(records.counts()).toMatchObject({ waiting: 0, inVault: 0, openEffects: 0 });
  });
});
