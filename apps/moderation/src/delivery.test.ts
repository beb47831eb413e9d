import { chmod, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { GATE, Site, SWEEP } from "./testing/site.ts";

describe("a verdict delivered more than once", () => {
  test("gives one decision per object and the same notice each time", async () => {
    await using site = await Site.make();
    await site.upload("a.jpg", "a");
    await site.upload("b.jpg", "b");
    const verdict = await site.verdict({ "a.jpg": 0.1, "b.jpg": 0.9 });
    const first = await site.start().settle(verdict);
    expect(await site.start().settle(verdict)).toEqual(first);
    using records = site.view();
    expect(records.decisions({ limit: 10 })).toHaveLength(2);
    expect(await site.files("published")).toEqual({ "a.jpg": "a" });
  });

  test("at the same time, too", async () => {
    await using site = await Site.make();
    await site.upload("a.jpg", "a");
    const verdict = await site.verdict({ "a.jpg": 0.1 });
    const moderation = site.start();
    await Promise.all([1, 2, 3].map(() => moderation.settle(verdict)));
    expect(site.onlyDecision().effect.result).toBe("published");
    expect([await site.files("uploads"), await site.files("published")]).toEqual([
      {},
      { "a.jpg": "a" },
    ]);
  });

  test("long after the file was published and removed by the site does not complain or restore it", async () => {
    await using site = await Site.make();
    await site.upload("a.jpg", "a");
    const verdict = await site.verdict({ "a.jpg": 0.1 });
    await site.start().settle(verdict);
    await rm(site.path("published/a.jpg"));
    await site.start().settle(verdict);
    expect(site.onlyDecision().effect.result).toBe("published");
    expect(await site.files("published")).toEqual({});
  });
});

describe("an object that was away for a while", () => {
  test("is decided when it is there again, and still has one decision", async () => {
    await using site = await Site.make({ policy: SWEEP });
    await site.upload("a.jpg", "bad");
    const seen = await site.verdict({ "a.jpg": 0.9 });
    const gone = { kind: "gone", reason: "missing" };
    const away = seen.outcomes.map(({ object }) => ({ object, classification: gone }));
    await site.start().settle(site.verdictOf(away));
    expect(site.onlyDecision().record.decision).toBe("gone");
    await site.start().settle(seen);
    expect(site.onlyDecision().record.decision).toBe("quarantine");
    expect(await site.files("uploads")).toEqual({});
  });

  test("is taken on a later delivery when it was away in the moment of the effect", async () => {
    await using site = await Site.make({ policy: SWEEP });
    await site.upload("a/b.jpg", "bad");
    const verdict = await site.verdict({ "a/b.jpg": 0.9 });
    await rename(site.path("uploads/a"), site.path("away"));
    await site.start().settle(verdict);
    expect(site.onlyDecision().effect.result).toBe("gone");
    await rename(site.path("away"), site.path("uploads/a"));
    await site.start().settle(verdict);
    expect(await site.files("uploads")).toEqual({});
    expect(site.onlyVaultRecord().state).toBe("quarantined");
  });

  test("does not count as gone because its whole root is away", async () => {
    const failures: string[] = [];
    await using site = await Site.make({
      policy: SWEEP,
      events: { effectFailed: (_, { code }) => void failures.push(code) },
    });
    await site.upload("a.jpg", "bad");
    const verdict = await site.verdict({ "a.jpg": 0.9 });
    await rename(site.path("uploads"), site.path("unmounted"));
    expect(await site.start().settle(verdict)).toBeNull();
    expect(failures).toEqual(["ROOT_UNAVAILABLE"]);
    await rename(site.path("unmounted"), site.path("uploads"));
    const settled = await site.start().resume();
    expect(settled.flatMap(({ objects }) => objects)).toHaveLength(1);
    expect(await site.vaultContents()).toEqual(["bad"]);
  });
});

test("a failed effect is retried alone; its neighbours settle at once", async () => {
  await using site = await Site.make({ policy: GATE });
  await site.upload("good.jpg", "good");
  await site.upload("dir/stuck.jpg", "stuck");
  await writeFile(site.path("published/dir"), "a file where a folder is needed");
  const moderation = site.start();
  const verdict = await site.verdict({ "good.jpg": 0.1, "dir/stuck.jpg": 0.1 });
  const settled = await moderation.settle(verdict);
  expect(settled?.objects.map(({ path }) => path)).toEqual(["good.jpg"]);
  expect(await moderation.retry()).toEqual([]); // not due yet
  using records = site.view();
  const [open] = records.decisions({ isOpen: true, limit: 10 });
  expect(open?.failure?.code).toBe("DESTINATION_UNSAFE");
  await rm(site.path("published/dir"));
  const [notice] = await moderation.resume();
  expect(notice?.objects.map(({ path }) => path)).toEqual(["dir/stuck.jpg"]);
  expect(Object.keys(await site.files("published"))).toEqual(["dir/stuck.jpg", "good.jpg"]);
});

test("a staging folder that others can read is refused, so nothing unjudged could be seen in it", async () => {
  const failures: string[] = [];
  await using site = await Site.make({
    events: { effectFailed: (_, { code }) => void failures.push(code) },
  });
  await mkdir(site.path("published/.sluice-staging"));
  await chmod(site.path("published/.sluice-staging"), 0o755);
  await site.upload("a.jpg", "a");
  expect(await site.start().settle(await site.verdict({ "a.jpg": 0.1 }))).toBeNull();
  expect(failures).toEqual(["STAGING_UNSAFE"]);
});
