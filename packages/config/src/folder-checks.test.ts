import { mkdir, mkdtemp, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { load, problemsOf, site, type Settings } from "./testing/site.ts";

const roots = (uploads: string, published: string): Settings => ({
  roots: { uploads: { folder: uploads }, published: { folder: published } },
});

test.each<[string, Settings, RegExp]>([
  [
    "one root in another",
    roots("in", "in/out"),
    /^roots\.uploads\.folder and roots\.published\.folder: "\S+in" and "\S+in\/out" lie inside one another; use separate folders$/u,
  ],
  ["two roots in one folder", roots("in", "./in/"), /lie inside one another/u],
  [
    "the vault in a root",
    { moderation: { vault: "in/vault" } },
    /^roots\.uploads\.folder and moderation\.vault: /u,
  ],
  ["a root in the vault", { moderation: { vault: "." } }, /and moderation\.vault: /u],
  [
    "the data folder in a root",
    { dataDir: "in/data", moderation: { vault: "vault" } },
    /^roots\.uploads\.folder and dataDir: "\S+in\/data" lies inside "\S+in"; move one$/u,
  ],
  [
    "the data folder in the vault",
    { dataDir: "vault/data", moderation: { vault: "vault" } },
    /^moderation\.vault and dataDir: /u,
  ],
  [
    "a root where Sluice keeps its records",
    roots(".sluice/moderation/in", "out"),
    /^roots\.uploads\.folder and dataDir: "\S+" lies inside "\S+\.sluice\/moderation", where Sluice keeps/u,
  ],
  [
    "the vault where Sluice keeps its journal",
    { moderation: { vault: ".sluice/ingest" } },
    /^moderation\.vault and dataDir: /u,
  ],
])("%s is refused", async (_, change, expected) => {
  const problems = await problemsOf(site(change));
  expect(problems).toContainEqual(expect.stringMatching(expected));
});

test("folders are compared without links: two names of one folder are one folder", async () => {
  const real = await mkdtemp(join(tmpdir(), "sluice-real-"));
  await mkdir(join(real, "in"));
  await symlink(join(real, "in"), join(real, "other-name"));
  const published = join(real, "other-name", "out"); // does not exist yet, its parent does
  expect(await problemsOf(site(roots(join(real, "in"), published)))).toEqual([
    expect.stringMatching(/lie inside one another/u),
  ]);
});

test("folders side by side are fine, also with a common beginning of the name and below the data folder", async () => {
  for (const folders of [roots("in", "in-public"), roots(".sluice/uploads", ".sluice/public")]) {
    await expect(load(site(folders))).resolves.toBeDefined();
  }
});
