import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseSmi } from "./gpu.ts";
import { listGpus } from "./list-gpus.ts";

const A = "GPU-3f1c9a2e-8d4b-4c61-9d2f-0a1b2c3d4e5f";
const B = "GPU-00000000-1111-2222-3333-444444444444";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-gpus-"));
});
afterEach(async () => await rm(folder, { recursive: true }));

/** A machine whose nvidia-smi is this shell script, and whose kernel driver lists these buses. */
async function machine({ smi, buses }: { smi?: string; buses?: Record<string, string> }) {
  const places = { smi: join(folder, "nvidia-smi"), procDir: join(folder, "nvidia") };
  if (smi !== undefined) {
    await writeFile(places.smi, `#!/bin/sh\n${smi}\n`);
    await chmod(places.smi, 0o755);
  }
  for (const [bus, text] of Object.entries(buses ?? {})) {
    await mkdir(join(places.procDir, "gpus", bus), { recursive: true });
    await writeFile(join(places.procDir, "gpus", bus, "information"), text);
  }
  return await listGpus(places);
}

const information = (name: string, uuid: string): string =>
  `Model: \t\t ${name}\nIRQ:   \t\t 91\nGPU UUID: \t ${uuid}\nVideo BIOS: \t 96.00\n`;

test("a machine without a driver has none, and nothing went wrong", async () => {
  expect(await machine({})).toEqual({ hasDriver: false, gpus: [], problems: [] });
});

test("nvidia-smi tells number, UUID, name and memory; lines that say something else are passed over", async () => {
  const lines = [`1, ${B}, NVIDIA L4, [N/A]`, "Warning: infoROM", `0, ${A}, NVIDIA H200, 143771`];
  expect(await machine({ smi: `printf '%s\\n' '${lines.join("' '")}'` })).toEqual({
    hasDriver: true,
    gpus: [
      { index: 0, uuid: A, name: "NVIDIA H200", memoryBytes: 143_771 * 2 ** 20 },
      { index: 1, uuid: B, name: "NVIDIA L4", memoryBytes: null },
    ],
    problems: [],
  });
});

test("where nvidia-smi fails the kernel driver is asked, and the failure is told", async () => {
  const buses = {
    "0000:41:00.0": information("NVIDIA L4", B),
    "0000:01:00.0": information("NVIDIA H200", A),
    "0000:81:00.0": "garbage",
  };
  const smi = "echo 'Failed to initialize NVML: Driver/library version mismatch'; exit 18";
  const { gpus, hasDriver, problems } = await machine({ smi, buses });
  expect(hasDriver).toBe(true);
  expect(gpus.map(({ index, uuid }) => [index, uuid])).toEqual([
    [0, A],
    [1, B],
  ]);
  expect(problems.join()).toContain("Driver/library version mismatch");
});

test("a driver without any GPU is a driver all the same", async () => {
  const { hasDriver, gpus } = await machine({ smi: "echo 'No devices were found'; exit 6" });
  expect({ hasDriver, gpus }).toEqual({ hasDriver: true, gpus: [] });
});

test("more lines than any machine has GPUs are not read to the end", () => {
  const lines = Array.from({ length: 500 }, (_, i) => `${i}, ${A}, NVIDIA L4, 23034`);
  expect(parseSmi(lines.join("\n"))).toHaveLength(64);
});
