import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createNamedFiles } from "./named-files.ts";

/** `allowed/{a,sub/b}.jpg`, links out of it and a FIFO, beside `secret.txt`. */
async function makePlace() {
  const folder = await mkdtemp(join(tmpdir(), "sluice-named-"));
  onTestFinished(async () => await rm(folder, { recursive: true }));
  const allowed = join(folder, "allowed");
  await mkdir(join(allowed, "sub"), { recursive: true });
  await writeFile(join(allowed, "a.jpg"), "picture a");
  await writeFile(join(allowed, "sub", "b.jpg"), "picture b");
  await writeFile(join(folder, "secret.txt"), "secret");
  await symlink(join(folder, "secret.txt"), join(allowed, "link.jpg"));
  await symlink(folder, join(allowed, "out"));
  spawnSync("mkfifo", [join(allowed, "fifo.jpg")]);
  return { folder, allowed };
}

/** Contents and refusals by path below the folder. */
async function find(place: { folder: string; allowed: string }, path: string, maxFiles = 100) {
  const files = createNamedFiles({ folders: [place.allowed], maxFiles });
  const found: Record<string, string> = {};
  for await (const file of files.find(Buffer.from(path))) {
    let text = "refusal" in file ? file.refusal : "";
    if ("bytes" in file) for await (const part of file.bytes) text += Buffer.from(part).toString();
    found[file.name.replace(place.folder, "")] = text;
  }
  return found;
}

test("a folder is gone through; links and FIFOs are told and not followed", async () => {
  const place = await makePlace();
  expect(await find(place, place.allowed)).toEqual({
    "/allowed/a.jpg": "picture a",
    "/allowed/fifo.jpg": "no regular file",
    "/allowed/link.jpg": "cannot be opened (ELOOP)",
    "/allowed/out": "cannot be opened (ELOOP)",
    "/allowed/sub/b.jpg": "picture b",
  });
});

test.each(["/secret.txt", "/allowed/out/secret.txt", "/allowed/../secret.txt", "/absent.txt", ""])(
  "%s is outside, whether it is there or not",
  async (path) => {
    const place = await makePlace();
    const found = await find(place, place.folder + path);
    expect(Object.values(found)).toEqual(["not below a folder that may be scanned"]);
  },
);

test("paths that are no paths open nothing", async () => {
  const place = await makePlace();
  for (const path of ["allowed/a.jpg", "", `${place.allowed}/a.jpg\0.png`]) {
    expect(Object.values(await find(place, path))).toEqual([
      "not below a folder that may be scanned",
    ]);
  }
});

test("after so many files the rest is refused, in one line", async () => {
  const place = await makePlace();
  for (let i = 0; i < 5; i += 1) await writeFile(join(place.allowed, "sub", `${i}.jpg`), "x");
  const found = Object.values(await find(place, join(place.allowed, "sub"), 3));
  expect(found).toEqual(["x", "x", "x", "too many files, scan fewer at a time"]);
});
