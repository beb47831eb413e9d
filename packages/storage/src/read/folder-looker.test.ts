import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeObjectPath, type ObjectPath } from "@sluice/contracts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createFolderLooker } from "./folder-looker.ts";

let place = "";
const path = (text: string): ObjectPath => encodeObjectPath(Buffer.from(text, "latin1"));
const look = async (...names: readonly string[]) =>
  await createFolderLooker(join(place, "root")).look(names.map(path));

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "sluice-looker-"));
  mkdirSync(join(place, "root/deep/er"), { recursive: true });
  mkdirSync(join(place, "outside"));
  writeFileSync(join(place, "outside/secret.jpg"), "secret");
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

test("files are found with their version, in the order that was asked, names of any bytes included", async () => {
  writeFileSync(join(place, "root/a.jpg"), "12345");
  writeFileSync(Buffer.from(join(place, "root/deep/er/b\u00FF.jpg"), "latin1"), "1");
  const found = await look("deep/er/b\u00FF.jpg", "none.jpg", "a.jpg", "none/x.jpg", "a.jpg/x");
  expect(found.map(({ kind }) => kind)).toEqual([
    "object",
    "missing",
    "object",
    "missing",
    "missing",
  ]);
  expect(found[2]).toMatchObject({
    sighting: {
      object: { path: "a.jpg", sizeBytes: 5, version: expect.stringMatching(/^\d+-5-\d+-\d+$/u) },
    },
  });
  expect(found[0]).toMatchObject({ sighting: { object: { path: "deep/er/b%FF.jpg" } } });
});

test("no link leads out, whether it is the file, a directory on the way, or comes while we look", async () => {
  symlinkSync(join(place, "outside"), join(place, "root/out"));
  symlinkSync(join(place, "outside/secret.jpg"), join(place, "root/link.jpg"));
  symlinkSync("..", join(place, "root/deep/up"));
  expect(await look("out/secret.jpg", "link.jpg", "deep/up/up/x")).toEqual([
    { kind: "refused", reason: "outside" },
    { kind: "refused", reason: "symlink" },
    { kind: "missing" },
  ]);
  const looker = createFolderLooker(join(place, "root"));
  const swap = async (): Promise<void> => {
    for (let turn = 0; turn < 200; turn++) {
      renameSync(join(place, "root/deep"), join(place, "root/kept"));
      symlinkSync(join(place, "outside"), join(place, "root/deep"));
      await Promise.resolve();
      const [found] = await looker.look([path("deep/secret.jpg")]);
      expect(found?.kind).not.toBe("object");
      rmSync(join(place, "root/deep"));
      renameSync(join(place, "root/kept"), join(place, "root/deep"));
    }
  };
  await swap();
});

test("a file that is reached by a link inside the root has its one name", async () => {
  writeFileSync(join(place, "root/deep/er/c.jpg"), "1");
  symlinkSync(join(place, "root/deep"), join(place, "root/alias"));
  symlinkSync(".", join(place, "root/self"));
  writeFileSync(join(place, "root/d.jpg"), "1");
  const found = await look("alias/er/c.jpg", "self/d.jpg");
  expect(found).toMatchObject([
    { sighting: { object: { path: "deep/er/c.jpg" } } },
    { sighting: { object: { path: "d.jpg" } } },
  ]);
});

test("what is no file is told as what it is, and is not opened", async () => {
  execFileSync("mkfifo", [join(place, "root/pipe.jpg")]);
  linkSync(join(place, "outside/secret.jpg"), join(place, "root/hard.jpg"));
  expect(
    (await look("pipe.jpg", "deep", "hard.jpg")).map((found) =>
      "reason" in found ? found.reason : found.kind,
    ),
  ).toEqual(["special", "directory", "object"]);
});

test("while the root is away nothing is said about what lies in it", async () => {
  renameSync(join(place, "root"), join(place, "elsewhere"));
  expect(await look("a.jpg", "b.jpg")).toEqual([
    { kind: "unavailable", code: "ENOENT" },
    { kind: "unavailable", code: "ENOENT" },
  ]);
});
