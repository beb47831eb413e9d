import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { lstat, mkdir, readFile, writeFile } from "node:fs/promises";
import type { StepName } from "@sluice/moderation";
import { describe, expect, test } from "vitest";
import { GATE, Site, SWEEP } from "./testing/site.ts";

/** Settles one verdict on `a/b.jpg`; the uploader acts in the very moment that each step is reached. */
async function settleAgainst(
  policy: object,
  uploader: Partial<Record<StepName, (site: Site) => void>>,
): Promise<Site> {
  const site = await Site.make({ policy });
  await site.upload("a/b.jpg", "judged");
  await mkdir(site.path("foreign"));
  await writeFile(site.path("foreign/b.jpg"), "foreign");
  const verdict = await site.verdict({ "a/b.jpg": policy === SWEEP ? 0.9 : 0.1 });
  const moderation = site.start((step) => {
    const act = uploader[step];
    delete uploader[step];
    act?.(site);
  });
  await moderation.settle(verdict);
  expect(uploader).toEqual({});
  expect(await readFile(site.path("foreign/b.jpg"), "utf8")).toBe("foreign");
  return site;
}

const file = (site: Site) => site.path("uploads/a/b.jpg");
const replace = (content: string) => (site: Site) => {
  writeFileSync(site.path("new"), content);
  renameSync(site.path("new"), file(site));
};
const replaceByLink = (site: Site) => {
  rmSync(file(site));
  symlinkSync(site.path("foreign/b.jpg"), file(site));
};

describe("while a file is taken into the vault", () => {
  const moments = ["vault.part-opened", "record.taking", "original.verified"] as const;

  test.each(moments)("another file put in its place at %s is not touched", async (moment) => {
    await using site = await settleAgainst(SWEEP, { [moment]: replace("other") });
    expect(await site.files("uploads")).toEqual({ "a/b.jpg": "other" });
    expect(site.onlyDecision().effect.result).toBe("changed");
    expect(await site.vaultContents()).toEqual([]);
  });

  test.each(moments)("a link put in its place at %s is not followed", async (moment) => {
    await using site = await settleAgainst(SWEEP, { [moment]: replaceByLink });
    expect((await lstat(file(site))).isSymbolicLink()).toBe(true);
    expect(site.onlyDecision().effect.result).toBe("changed");
    expect(await site.vaultContents()).toEqual([]);
  });

  test("a folder put in its place keeps its name and contents", async () => {
    await using site = await settleAgainst(SWEEP, {
      "original.verified": (s) => {
        rmSync(file(s));
        mkdirSync(file(s));
        writeFileSync(`${file(s)}/inside`, "inside");
      },
    });
    expect(await site.files("uploads")).toEqual({ "a/b.jpg/inside": "inside" });
  });

  test("its folder swapped for a link to elsewhere leads nowhere", async () => {
    await using site = await settleAgainst(SWEEP, {
      "original.verified": (s) => {
        renameSync(s.path("uploads/a"), s.path("uploads/moved"));
        symlinkSync(s.path("foreign"), s.path("uploads/a"));
      },
    });
    expect(await site.files("foreign")).toEqual({ "b.jpg": "foreign" });
    expect(await site.files("uploads/moved")).not.toEqual({});
  });

  test("a new upload under the same name stays, and the judged one is taken", async () => {
    await using site = await settleAgainst(SWEEP, { "original.set-aside": replace("newer") });
    expect(await site.files("uploads")).toEqual({ "a/b.jpg": "newer" });
    expect(await site.vaultContents()).toEqual(["judged"]);
    expect(site.onlyDecision().effect.result).toBe("vaulted");
  });

  test("two uploads in a row lose nothing: the one in between gets a visible name", async () => {
    await using site = await settleAgainst(SWEEP, {
      "original.verified": replace("second"),
      "original.set-aside": replace("third"),
    });
    const files = await site.files("uploads");
    expect(files["a/b.jpg"]).toBe("third");
    expect(Object.values(files).sort()).toEqual(["second", "third"]);
    expect(Object.keys(files).find((name) => name !== "a/b.jpg")).toMatch(/^a\/sluice-q.*\.jpg$/u);
  });
});

describe("while a file is published", () => {
  test("another file put in its place before the copy is verified keeps both unpublished", async () => {
    await using site = await settleAgainst(GATE, { "place.part-opened": replace("other") });
    expect(await site.files("uploads")).toEqual({ "a/b.jpg": "other" });
    expect(await site.files("published")).toEqual({});
    expect(site.onlyDecision().effect.result).toBe("changed");
  });

  test.each(["place.part-synced", "record.placed", "original.verified"] as const)(
    "a new upload at %s waits for its own verdict while the judged bytes are published",
    async (moment) => {
      await using site = await settleAgainst(GATE, { [moment]: replace("newer") });
      expect(await site.files("uploads")).toEqual({ "a/b.jpg": "newer" });
      expect(await site.files("published")).toEqual({ "a/b.jpg": "judged" });
    },
  );

  test("a file that appears under the published name in the last moment is not overwritten", async () => {
    await using site = await settleAgainst(GATE, {
      "place.part-synced": (s) => writeFileSync(s.path("published/a/b.jpg"), "theirs"),
    });
    expect(await site.files("published")).toEqual({ "a/b.jpg": "theirs" });
    expect(await site.files("uploads")).toEqual({ "a/b.jpg": "judged" });
    expect(site.onlyDecision().effect.result).toBe("conflict");
  });

  test("its published folder swapped for a link leads nowhere", async () => {
    await using site = await settleAgainst(GATE, {
      "place.part-synced": (s) => {
        renameSync(s.path("published/a"), s.path("published/moved"));
        symlinkSync(s.path("foreign"), s.path("published/a"));
      },
    });
    expect(await site.files("foreign")).toEqual({ "b.jpg": "foreign" });
  });
});
