import { chmod, lstat, mkdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { ANSWER, sha256Of, Site, SWEEP } from "./testing/site.ts";

const ALLOWED = 0.1;
const DOUBTFUL = 0.3;
const FORBIDDEN = 0.9;

describe("at the gate", () => {
  test("an allowed file is published with its mode and mtime and leaves the incoming folder", async () => {
    await using site = await Site.make();
    await site.upload("a/cat.jpg", "meow");
    await chmod(site.path("uploads/a/cat.jpg"), 0o640);
    await utimes(site.path("uploads/a/cat.jpg"), 1_600_000_000, 1_600_000_000);
    const settled = await site.start().settle(await site.verdict({ "a/cat.jpg": ALLOWED }));
    expect(settled?.objects.map(({ path }) => path)).toEqual(["a/cat.jpg"]);
    expect(await site.files("uploads")).toEqual({});
    expect(await site.files("published")).toEqual({ "a/cat.jpg": "meow" });
    const published = await lstat(site.path("published/a/cat.jpg"));
    expect([published.mode & 0o777, published.mtimeMs]).toEqual([0o640, 1_600_000_000_000]);
    expect(await site.vaultContents()).toEqual([]);
  });

  test("a file for review stays where it is and nothing of it is public", async () => {
    await using site = await Site.make();
    await site.upload("cat.jpg", "hm");
    await site.start().settle(await site.verdict({ "cat.jpg": DOUBTFUL }));
    expect(await site.files("uploads")).toEqual({ "cat.jpg": "hm" });
    expect(await site.files("published")).toEqual({});
    expect(site.onlyDecision().effect.result).toBe("held");
  });

  test("a forbidden file goes into the vault with a record and a sidecar that say where it was", async () => {
    await using site = await Site.make();
    await site.upload("a/bad.jpg", "bad");
    await site.start().settle(await site.verdict({ "a/bad.jpg": FORBIDDEN }));
    expect([await site.files("uploads"), await site.files("published")]).toEqual([{}, {}]);
    expect(await site.vaultContents()).toEqual(["bad"]);
    const record = site.onlyVaultRecord();
    expect(record).toMatchObject({ root: "uploads", path: "a/bad.jpg", state: "quarantined" });
    const sha = sha256Of("bad");
    const blob = `${site.vaultDir}/${sha.slice(0, 2)}/${sha}`;
    const sidecar: unknown = JSON.parse(await readFile(`${blob}.${record.id}.json`, "utf8"));
    const { state: _state, settlesAs: _settlesAs, ...provenance } = record;
    expect(sidecar).toEqual(provenance);
    const modes = [blob, `${site.vaultDir}/${sha.slice(0, 2)}`, site.vaultDir].map(async (path) =>
      ((await lstat(path)).mode & 0o777).toString(8),
    );
    expect(await Promise.all(modes)).toEqual(["600", "700", "700"]);
  });

  test("an object that is gone gets its decision, and nothing else happens", async () => {
    await using site = await Site.make();
    await site.upload("cat.jpg", "meow");
    const verdict = await site.verdict({ "cat.jpg": ALLOWED });
    const gone = { kind: "gone", reason: "missing" };
    const outcomes = verdict.outcomes.map(({ object }) => ({ object, classification: gone }));
    const settled = await site.start().settle(site.verdictOf(outcomes));
    expect(settled?.objects).toHaveLength(1);
    expect(site.onlyDecision().record.decision).toBe("gone");
    expect(await site.files("uploads")).toEqual({ "cat.jpg": "meow" });
  });

  test.each([
    ["allowed", ALLOWED],
    ["forbidden", FORBIDDEN],
  ])(
    "a file that was judged %s but changed since is neither published nor taken",
    async (_, score) => {
      await using site = await Site.make();
      await site.upload("cat.jpg", "first");
      const verdict = await site.verdict({ "cat.jpg": score });
      await site.upload("cat.jpg", "second");
      const settled = await site.start().settle(verdict);
      expect(settled?.objects).toHaveLength(1);
      expect(site.onlyDecision().effect.result).toBe("changed");
      expect(await site.files("uploads")).toEqual({ "cat.jpg": "second" });
      expect([await site.files("published"), await site.vaultContents()]).toEqual([{}, []]);
    },
  );

  test.each([
    ["allowed", ALLOWED],
    ["forbidden", FORBIDDEN],
  ])(
    "bytes that are not the ones judged %s get a new version, to be judged again",
    async (_, score) => {
      await using site = await Site.make();
      await site.upload("cat.jpg", "same");
      const verdict = await site.verdict({ "cat.jpg": score });
      // What a memory-mapped write can do: other bytes, same version.
      const others = verdict.outcomes.map(({ object, classification }) => ({
        object,
        classification: { ...classification, sha256: sha256Of("else") },
      }));
      await site.start().settle(site.verdictOf(others));
      expect(site.onlyDecision().effect.result).toBe("changed");
      expect([await site.files("published"), await site.vaultContents()]).toEqual([{}, []]);
      const again = await site.verdict({ "cat.jpg": score });
      const versions = [verdict, again].map(({ outcomes }) => outcomes[0]?.object.version);
      expect(new Set(versions).size).toBe(2);
    },
  );

  test("a symbolic link in place of the judged file is not followed and its target not touched", async () => {
    await using site = await Site.make();
    await site.upload("cat.jpg", "meow");
    const verdict = await site.verdict({ "cat.jpg": FORBIDDEN });
    await writeFile(site.path("foreign"), "foreign");
    await rm(site.path("uploads/cat.jpg"));
    await symlink(site.path("foreign"), site.path("uploads/cat.jpg"));
    await site.start().settle(verdict);
    expect(site.onlyDecision().effect.result).toBe("changed");
    expect(await readFile(site.path("foreign"), "utf8")).toBe("foreign");
    expect((await lstat(site.path("uploads/cat.jpg"))).isSymbolicLink()).toBe(true);
    expect(await site.vaultContents()).toEqual([]);
  });

  test("a published folder that is a symbolic link is refused, and the file waits", async () => {
    const failures: string[] = [];
    await using site = await Site.make({
      events: { effectFailed: (_, { code }) => void failures.push(code) },
    });
    await mkdir(site.path("elsewhere"));
    await symlink(site.path("elsewhere"), site.path("published/a"));
    await site.upload("a/cat.jpg", "meow");
    const settled = await site.start().settle(await site.verdict({ "a/cat.jpg": ALLOWED }));
    expect([settled, failures]).toEqual([null, ["DESTINATION_UNSAFE"]]);
    expect(await site.files("elsewhere")).toEqual({});
    expect(await site.files("uploads")).toEqual({ "a/cat.jpg": "meow" });
  });

  test("a published file with the same content counts as published", async () => {
    await using site = await Site.make();
    await site.upload("cat.jpg", "meow");
    await writeFile(site.path("published/cat.jpg"), "meow");
    await site.start().settle(await site.verdict({ "cat.jpg": ALLOWED }));
    expect(site.onlyDecision().effect.result).toBe("published");
    expect([await site.files("uploads"), await site.files("published")]).toEqual([
      {},
      { "cat.jpg": "meow" },
    ]);
  });

  test("onConflict hold keeps both files where they are", async () => {
    await using site = await Site.make();
    await site.upload("cat.jpg", "new");
    await writeFile(site.path("published/cat.jpg"), "old");
    await site.start().settle(await site.verdict({ "cat.jpg": ALLOWED }));
    expect(site.onlyDecision().effect.result).toBe("conflict");
    expect([await site.files("uploads"), await site.files("published")]).toEqual([
      { "cat.jpg": "new" },
      { "cat.jpg": "old" },
    ]);
  });

  test("onConflict replace publishes the new file and the older one goes to the vault", async () => {
    const { publishTo, mode, forbidden } = { ...SWEEP, mode: "gate", publishTo: "published" };
    const policy = { mode, publishTo, forbidden, onConflict: "replace" };
    await using site = await Site.make({ policy });
    await site.upload("cat.jpg", "new");
    await writeFile(site.path("published/cat.jpg"), "old");
    await site.start().settle(await site.verdict({ "cat.jpg": ALLOWED }));
    expect(site.onlyDecision().effect.result).toBe("published");
    expect(await site.files("published")).toEqual({ "cat.jpg": "new" });
    expect(await site.vaultContents()).toEqual(["old"]);
    expect(site.onlyVaultRecord()).toMatchObject({ root: "published", state: "replaced" });
  });
});

describe("in sweep mode", () => {
  test("an allowed file stays as it is", async () => {
    await using site = await Site.make({ policy: SWEEP });
    await site.upload("cat.jpg", "meow");
    await site.start().settle(await site.verdict({ "cat.jpg": ALLOWED }));
    expect(site.onlyDecision().effect.result).toBe("nothing");
    expect(await site.files("uploads")).toEqual({ "cat.jpg": "meow" });
  });

  test("a forbidden file is taken from its place", async () => {
    await using site = await Site.make({ policy: SWEEP });
    await site.upload("cat.jpg", "bad");
    await site.start().settle(await site.verdict({ "cat.jpg": FORBIDDEN }));
    expect(await site.files("uploads")).toEqual({});
    expect(site.onlyVaultRecord().state).toBe("quarantined");
  });

  test("a file for review is held in the vault by default", async () => {
    await using site = await Site.make({ policy: SWEEP });
    await site.upload("cat.jpg", "hm");
    await site.start().settle(await site.verdict({ "cat.jpg": DOUBTFUL }));
    expect(await site.files("uploads")).toEqual({});
    expect(site.onlyVaultRecord().state).toBe("held");
  });

  test("a file for review stays public where the policy says leave", async () => {
    await using site = await Site.make({ policy: { ...SWEEP, onReview: "leave" } });
    await site.upload("cat.jpg", "hm");
    await site.start().settle(await site.verdict({ "cat.jpg": DOUBTFUL }));
    expect(await site.files("uploads")).toEqual({ "cat.jpg": "hm" });
    expect(site.onlyDecision().effect.result).toBe("left");
  });

  test("two files with the same content give one copy and two records", async () => {
    await using site = await Site.make({ policy: SWEEP });
    await site.upload("a.jpg", "bad");
    await site.upload("b.jpg", "bad");
    await site.start().settle(await site.verdict({ "a.jpg": FORBIDDEN, "b.jpg": FORBIDDEN }));
    expect(await site.files("uploads")).toEqual({});
    expect(await site.vaultContents()).toEqual(["bad"]);
    using records = site.view();
    expect(
      records
        .vault({ limit: 10 })
        .map(({ path }) => path)
        .sort(),
    ).toEqual(["a.jpg", "b.jpg"]);
  });

  test("the vault may lie on another file system than the uploads", async () => {
    const vaultDir = `/dev/shm/sluice-vault-${process.pid}`;
    await using site = await Site.make({ policy: SWEEP, vaultDir });
    expect((await lstat("/dev/shm")).dev).not.toBe((await lstat(site.folder)).dev);
    await site.upload("cat.jpg", "bad");
    await site.start().settle(await site.verdict({ "cat.jpg": FORBIDDEN }));
    expect(await site.files("uploads")).toEqual({});
    expect(await site.vaultContents()).toEqual(["bad"]);
  });

  test("names that are not UTF-8 are taken like any other", async () => {
    await using site = await Site.make({ policy: SWEEP });
    const name = Buffer.concat([Buffer.from(site.path("uploads/x")), Buffer.from([0xff, 0x0a])]);
    await writeFile(name, "bad");
    await site.start().settle(await site.verdict({ "x%FF%0A": FORBIDDEN }));
    expect(await site.files("uploads")).toEqual({});
    expect(site.onlyVaultRecord().path).toBe("x%FF%0A");
  });
});

describe("in answer mode", () => {
  test("our copy of an allowed upload is removed, and the notice says what was decided and why", async () => {
    await using site = await Site.make({ policy: ANSWER });
    await site.upload("cat.jpg", "meow");
    const verdict = await site.verdict({ "cat.jpg": ALLOWED });
    const settled = await site.start().settle({ ...verdict, wantsAnswers: true });
    expect(await site.files("uploads")).toEqual({});
    expect(await site.vaultContents()).toEqual([]);
    expect(settled?.objects).toEqual([
      {
        path: "cat.jpg",
        version: verdict.outcomes[0]!.object.version,
        answer: expect.objectContaining({
          decision: "allow",
          rule: expect.objectContaining({ kind: "nothing-forbidden" }),
          unscannable: null,
        }),
      },
    ]);
  });

  test("the vault keeps what was not allowed, as held or quarantined", async () => {
    await using site = await Site.make({ policy: ANSWER });
    await site.upload("cat.jpg", "bad");
    await site.upload("dog.jpg", "hm");
    const verdict = await site.verdict({ "cat.jpg": FORBIDDEN, "dog.jpg": DOUBTFUL });
    const settled = await site.start().settle({ ...verdict, wantsAnswers: true });
    expect(await site.files("uploads")).toEqual({});
    expect((await site.vaultContents()).toSorted()).toEqual(["bad", "hm"]);
    expect(settled?.objects.map(({ answer }) => [answer?.decision, answer?.rule.label])).toEqual([
      ["quarantine", "target"],
      ["review", "target"],
    ]);
  });

  test("keep: nothing leaves no copy anywhere", async () => {
    await using site = await Site.make({ policy: { ...ANSWER, keep: "nothing" } });
    await site.upload("cat.jpg", "bad");
    await site.start().settle(await site.verdict({ "cat.jpg": FORBIDDEN }));
    expect([await site.files("uploads"), await site.vaultContents()]).toEqual([{}, []]);
    expect(site.onlyDecision().effect.result).toBe("discarded");
  });

  test("a verdict that comes twice is answered twice, with the first decision", async () => {
    await using site = await Site.make({ policy: ANSWER });
    await site.upload("cat.jpg", "meow");
    const verdict = {
      ...(await site.verdict({ "cat.jpg": ALLOWED })),
      wantsAnswers: true as const,
    };
    const moderation = site.start();
    const first = await moderation.settle(verdict);
    expect(await moderation.settle(verdict)).toEqual(first);
  });

  test("who waits hears before anything is done, and the last notice says the same", async () => {
    const steps: unknown[] = [];
    await using site = await Site.make({
      policy: ANSWER,
      onStep: (step) => void steps.push(step),
    });
    await site.upload("cat.jpg", "meow");
    const verdict = {
      ...(await site.verdict({ "cat.jpg": ALLOWED })),
      wantsAnswers: true as const,
    };
    const settled = await site.start().settle(verdict, async (notice) => {
      steps.push(notice);
      await Promise.resolve();
    });
    const early = { ...settled, isDone: false };
    expect(steps.slice(0, 2)).toEqual(["decision.recorded", early]);
    expect(steps).toContain("original.removed");
  });

  test("where nobody waits the notice carries no answers", async () => {
    await using site = await Site.make({ policy: ANSWER });
    await site.upload("cat.jpg", "meow");
    const settled = await site.start().settle(await site.verdict({ "cat.jpg": ALLOWED }));
    expect(settled?.objects[0]).not.toHaveProperty("answer");
  });
});
