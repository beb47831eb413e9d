import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, lstat, utimes, writeFile } from "node:fs/promises";
import { STEPS, type StepName } from "@sluice/moderation";
import { describe, expect, test } from "vitest";
import { GATE, Site, SWEEP } from "./testing/site.ts";

const CHILD = new URL("testing/crash-child.ts", import.meta.url).pathname;

/** Runs a moderation process until it dies at `step`. */
async function killAt(
  site: Site,
  step: StepName,
  ...action: ["settle" | "restore", string]
): Promise<void> {
  const child = spawn(
    process.execPath,
    ["--conditions=@sluice/source", CHILD, site.folder, step, ...action],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
}

async function siteWith(policy: object, score: number): Promise<{ site: Site; verdict: string }> {
  const site = await Site.make({ policy });
  await writeFile(site.path("policy.json"), JSON.stringify(policy));
  await site.upload("a/b.jpg", "bytes");
  await chmod(site.path("uploads/a/b.jpg"), 0o604);
  await utimes(site.path("uploads/a/b.jpg"), 1_500_000_000, 1_500_000_000);
  const verdict = site.path("verdict.json");
  await writeFile(verdict, JSON.stringify(await site.verdict({ "a/b.jpg": score })));
  return { site, verdict };
}

/** Everything with these bytes, by folder. */
async function places(
  site: Site,
): Promise<{ uploads: string[]; published: string[]; vault: number }> {
  const [uploads, published] = [await site.files("uploads"), await site.files("published")];
  const vault = (await site.vaultContents()).length;
  return { uploads: Object.keys(uploads), published: Object.keys(published), vault };
}

describe("a process killed while it takes a file into the vault", () => {
  test.each(STEPS.vault)("at %s: after a restart only the vault has it", async (step) => {
    const { site, verdict } = await siteWith(SWEEP, 0.9);
    await using _ = site;
    await killAt(site, step, "settle", verdict);
    const inBetween = await places(site);
    expect(inBetween.uploads.length + inBetween.vault).toBeGreaterThan(0);
    const next = site.start();
    await next.resume();
    expect(await places(site)).toEqual({ uploads: [], published: [], vault: 1 });
    expect(site.onlyVaultRecord().state).toBe("quarantined");
    expect(site.onlyDecision().effect.result).toBe("vaulted");
    expect(await next.resume()).toEqual([]);
  });
});

describe("a process killed while it publishes a file", () => {
  test.each(STEPS.publish)("at %s: after a restart it is published once", async (step) => {
    const { site, verdict } = await siteWith(GATE, 0.1);
    await using _ = site;
    await killAt(site, step, "settle", verdict);
    const next = site.start();
    await next.resume();
    expect(await places(site)).toEqual({ uploads: [], published: ["a/b.jpg"], vault: 0 });
    const { mode, mtimeMs } = await lstat(site.path("published/a/b.jpg"));
    expect([mode & 0o777, mtimeMs]).toEqual([0o604, 1_500_000_000_000]);
    expect(site.onlyDecision().effect.result).toBe("published");
    expect(await next.resume()).toEqual([]);
  });
});

describe("a process killed while it restores a file", () => {
  test.each(STEPS.restore)("at %s: after a restart the file is back, once", async (step) => {
    const { site } = await siteWith(SWEEP, 0.9);
    await using _ = site;
    await site.start().settle(await site.verdict({ "a/b.jpg": 0.9 }));
    await killAt(site, step, "restore", site.onlyVaultRecord().id);
    await site.start().resume();
    expect(await places(site)).toEqual({ uploads: ["a/b.jpg"], published: [], vault: 1 });
    const { mode, mtimeMs } = await lstat(site.path("uploads/a/b.jpg"));
    expect([mode & 0o777, mtimeMs]).toEqual([0o604, 1_500_000_000_000]);
    using records = site.view();
    expect(records.vault({ limit: 10, states: ["restored"] })).toHaveLength(1);
  });
});
