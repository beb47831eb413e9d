import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readRuntimeFacts } from "@sluice/inference-onnx";
import { encodeTinyElf } from "../../testing/tiny-elf.ts";
import { readNeeded } from "./read-needed.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-elf-"));
});
afterAll(async () => await rm(folder, { recursive: true }));

async function read(bytes: Uint8Array) {
  const path = join(folder, "library.so");
  await writeFile(path, bytes);
  return await readNeeded(path);
}

test("names and search path come in the library's order", async () => {
  const needed = ["libcublas.so.13", "libcudart.so.13", "libc.so.6"];
  expect(await read(encodeTinyElf({ needed, runpath: "$ORIGIN:/opt/cuda/lib" }))).toEqual({
    needed,
    searchPath: ["$ORIGIN", "/opt/cuda/lib"],
  });
  expect(await read(encodeTinyElf({ needed: [] }))).toEqual({ needed: [], searchPath: [] });
});

test("a real library: ONNX Runtime's own needs the C library and looks beside itself", async () => {
  const { binFolder } = await readRuntimeFacts();
  const found = await readNeeded(join(binFolder, "libonnxruntime.so.1"));
  expect(found?.needed).toContain("libc.so.6");
  expect(found?.searchPath).toEqual(["$ORIGIN"]);
});

test.each([
  ["nothing", Buffer.alloc(0)],
  ["text", Buffer.from("#!/bin/sh\necho this is no library\n".repeat(10))],
  ["a header alone", encodeTinyElf({ needed: ["a.so"] }).subarray(0, 64)],
])("%s is no library", async (_, bytes) => {
  expect(await read(bytes)).toBeNull();
});

test("a damaged library gives names or nothing, and never fails or reads for ever", async () => {
  const whole = encodeTinyElf({ needed: ["libcublas.so.13", "libc.so.6"], runpath: "$ORIGIN" });
  const byte = fc.record({ at: fc.nat(whole.length - 1), value: fc.nat(255) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(byte, { maxLength: 8 }),
      fc.nat(whole.length),
      async (changes, end) => {
        const damaged = Buffer.from(whole);
        for (const { at, value } of changes) damaged[at] = value;
        const found = await read(damaged.subarray(0, end));
        expect(found === null || Array.isArray(found.needed)).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});
