import { execFileSync } from "node:child_process";
import {
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fromText, type BytePath } from "./byte-path.ts";
import type { Found, SkipReason } from "./found.ts";
import { Listing, type ListingOptions } from "./listing.ts";
import { compileIgnoreRule, compileIncludeRule } from "./path-rule.ts";

class Tree implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "sluice-list-"));

  write(name: string): void {
    mkdirSync(join(this.folder, name, ".."), { recursive: true });
    writeFileSync(join(this.folder, name), "content");
  }

  open(options: Partial<ListingOptions> = {}): Listing {
    return new Listing({
      folder: fromText(this.folder),
      device: lstatSync(this.folder, { bigint: true }).dev,
      isIgnored: () => false,
      isIncluded: () => true,
      maxDepth: 64,
      from: "",
      isRecursive: true,
      ...options,
    });
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}

function listAll(listing: Listing): Found[] {
  const all: Found[] = [];
  for (;;) {
    const batch = listing.next();
    if (batch.length === 0) return all;
    expect(batch.length).toBeLessThanOrEqual(256);
    all.push(...batch);
  }
}

function files(found: readonly Found[]): BytePath[] {
  return found
    .filter(({ kind }) => kind === "file")
    .map(({ path }) => path)
    .toSorted();
}

function skipped(found: readonly Found[]): Partial<Record<BytePath, SkipReason>> {
  return Object.fromEntries(
    found.flatMap((entry) => (entry.kind === "skipped" ? [[entry.path, entry.reason]] : [])),
  );
}

test("every file of a tree is listed once, in bounded batches, however it is spread", () => {
  using tree = new Tree();
  const names = Array.from({ length: 1000 }, (_, i) =>
    i % 2 === 0 ? `flat-${i}` : `d${i % 37}/e${i % 11}/${i}`,
  );
  for (const name of names) tree.write(name);
  expect(files(listAll(tree.open()))).toEqual(names.toSorted());
});

test("a listing that is not recursive stays in its directory", () => {
  using tree = new Tree();
  for (const name of ["a", "d/b", "d/e/c"]) tree.write(name);
  expect(listAll(tree.open({ from: "d", isRecursive: false }))).toMatchObject(
    [
      { path: "d/b", kind: "file" },
      { path: "d/e", kind: "directory" },
    ].toSorted(() => 1),
  );
});

test("links, FIFOs and sockets are told apart, and a file has its version", () => {
  using tree = new Tree();
  tree.write("a");
  symlinkSync("a", join(tree.folder, "link"));
  symlinkSync("/etc", join(tree.folder, "linked-directory"));
  execFileSync("mkfifo", [join(tree.folder, "fifo")]);
  const found = new Map(listAll(tree.open()).map((entry) => [entry.path, entry]));
  const { ino, mtimeNs, ctimeNs } = lstatSync(join(tree.folder, "a"), { bigint: true });
  expect(found.get("a")).toMatchObject({ version: `${ino}-7-${mtimeNs}-${ctimeNs}`, sizeBytes: 7 });
  expect(found.get("link")).toMatchObject({ kind: "skipped", reason: "symlink" });
  expect(found.get("linked-directory")).toMatchObject({ kind: "skipped", reason: "symlink" });
  expect(found.get("fifo")).toMatchObject({ kind: "skipped", reason: "special" });
  expect(found.size).toBe(4);
});

test("what lies on another file system is not entered", () => {
  using tree = new Tree();
  tree.write("d/a");
  expect(listAll(tree.open({ device: 1n }))).toEqual([
    { kind: "skipped", path: "d", reason: "other-device" },
  ]);
});

test("ignored directories are not entered, and dot names are like any others", () => {
  using tree = new Tree();
  for (const name of ["cache/a", "x/cache/b", ".hidden/c", "d.part", ".e"]) tree.write(name);
  const isIgnored = compileIgnoreRule(["cache/**", "**/*.part"]);
  const found = listAll(tree.open({ isIgnored }));
  expect(files(found)).toEqual([".e", ".hidden/c", "x/cache/b"]);
  expect(skipped(found)).toEqual({ cache: "ignored", "d.part": "ignored" });
});

test("only files that match an include pattern are objects, whatever their case; directories need not match", () => {
  using tree = new Tree();
  for (const name of ["a.jpg", "B.JPG", "d/e/c.png", "notes.txt", ".d.jpg"]) tree.write(name);
  const isIncluded = compileIncludeRule(["**/*.jpg", "d/**/*.png"]);
  const found = listAll(tree.open({ isIncluded }));
  expect(files(found)).toEqual([".d.jpg", "B.JPG", "a.jpg", "d/e/c.png"]);
  expect(skipped(found)).toEqual({ "notes.txt": "not-included" });
});

test("a file with a second name is told apart, under both", () => {
  using tree = new Tree();
  tree.write("a");
  tree.write("alone");
  linkSync(join(tree.folder, "a"), join(tree.folder, "b"));
  const found = listAll(tree.open()).filter((entry) => entry.kind === "file");
  expect(
    found
      .filter(({ isHardLinked }) => isHardLinked)
      .map(({ path }) => path)
      .toSorted(),
  ).toEqual(["a", "b"]);
});

test("directories deeper than the limit are named and not entered", () => {
  using tree = new Tree();
  for (const name of ["a", "d/b", "d/e/c"]) tree.write(name);
  const found = listAll(tree.open({ maxDepth: 1 }));
  expect(files(found)).toEqual(["a", "d/b"]);
  expect(skipped(found)).toEqual({ "d/e": "too-deep" });
});

test("a tree that vanishes while it is listed ends the listing without an error", () => {
  using tree = new Tree();
  for (let i = 0; i < 600; i++) tree.write(`d${i % 30}/${i}`);
  const listing = tree.open();
  listing.next();
  rmSync(tree.folder, { recursive: true });
  mkdirSync(tree.folder);
  const kinds = new Set(listAll(listing).map(({ kind }) => kind));
  expect([...kinds].filter((kind) => kind !== "missing" && kind !== "file")).toEqual([]);
});

test("a folder that is not there is reported as missing", () => {
  using tree = new Tree();
  expect(listAll(tree.open({ from: "nowhere" }))).toEqual([{ kind: "missing", path: "nowhere" }]);
});
