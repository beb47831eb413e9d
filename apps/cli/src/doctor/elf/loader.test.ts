import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { encodeTinyElf } from "../../testing/tiny-elf.ts";
import { findLoaderPlaces, findMissing, parseCache, type LoaderPlaces } from "./loader.ts";

const NOWHERE: LoaderPlaces = { environment: [], cache: new Map(), standard: [] };

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-loader-"));
});
afterEach(async () => await rm(folder, { recursive: true }));

async function library(name: string, needed: readonly string[], runpath?: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, encodeTinyElf({ needed, ...(runpath !== undefined && { runpath }) }));
  return path;
}

const namesOf = (missing: readonly { name: string }[]) => missing.map(({ name }) => name);

test("what nobody has is missing, and who asks for it is told", async () => {
  const provider = await library("provider.so", ["libcublas.so.13", "libcudart.so.13"]);
  expect(await findMissing(provider, NOWHERE)).toEqual([
    { name: "libcublas.so.13", neededBy: provider },
    { name: "libcudart.so.13", neededBy: provider },
  ]);
});

test("libraries are found by LD_LIBRARY_PATH, by the library's own search path, by the cache and in the standard folders", async () => {
  const needed = ["a.so", "b.so", "c.so", "d.so", "e.so"];
  const provider = await library("provider.so", needed, "$ORIGIN/own:relative");
  await library("environment/a.so", []);
  await library("own/b.so", []);
  const c = await library("somewhere/c.so", []);
  await library("standard/d.so", []);
  const places = {
    environment: [join(folder, "environment")],
    cache: new Map([
      ["c.so", c],
      ["e.so", join(folder, "gone/e.so")],
    ]),
    standard: [join(folder, "standard")],
  };
  expect(namesOf(await findMissing(provider, places))).toEqual(["e.so"]);
});

test("what a library that is there needs in turn is looked for too, and circles end", async () => {
  const provider = await library("provider.so", ["a.so"], "$ORIGIN");
  const a = await library("a.so", ["b.so", "provider.so"], "${ORIGIN}");
  await library("b.so", ["deep.so"], "$ORIGIN");
  expect(await findMissing(provider, NOWHERE)).toEqual([
    { name: "deep.so", neededBy: join(folder, "b.so") },
  ]);
  expect(a).toBe(join(folder, "a.so"));
});

test("what is opened at run time counts as needed", async () => {
  const provider = await library("provider.so", []);
  expect(namesOf(await findMissing(provider, NOWHERE, ["libcudnn.so.9"]))).toEqual([
    "libcudnn.so.9",
  ]);
});

test("of the loader's cache only libraries of this architecture count, the first of a name", () => {
  const text = [
    "3 libs found in cache `/etc/ld.so.cache'",
    "\tlibz.so.1 (libc6,x86-64) => /lib/x86_64-linux-gnu/libz.so.1",
    "\tlibz.so.1 (libc6) => /lib/i386-linux-gnu/libz.so.1",
    "\tlibz.so.1 (libc6,x86-64) => /other/libz.so.1",
    "\tlibm.so.6 (libc6,AArch64, hwcap: 0x1) => /lib/aarch64-linux-gnu/libm.so.6",
  ].join("\n");
  expect([...parseCache(text, "x64")]).toEqual([["libz.so.1", "/lib/x86_64-linux-gnu/libz.so.1"]]);
  expect([...parseCache(text, "arm64")]).toEqual([
    ["libm.so.6", "/lib/aarch64-linux-gnu/libm.so.6"],
  ]);
});

test("on this machine nothing that Node itself needs is missing", async () => {
  expect(await findMissing(process.execPath, await findLoaderPlaces(undefined))).toEqual([]);
});
