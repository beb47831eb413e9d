import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256Schema } from "@sluice/contracts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recallTimings, rememberTimings, timingPath, type TimingKey } from "./timing-cache.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-timings-"));
});
afterAll(async () => await rm(folder, { recursive: true }));

const digest = (letter: string) => sha256Schema.parse(letter.repeat(64));
const key: TimingKey = {
  float32: digest("a"),
  variants: [{ variant: "int8", digest: digest("b") }],
  conditions: { device: "CPU", threads: 2, rows: 32 },
};
const timingsOf = (float: number) => ({
  float32: [float, float],
  variants: [{ variant: "int8" as const, roundsMs: [1, 2] }],
});

test("every part of the key names another file, and the order of conditions does not count", () => {
  const changes: TimingKey[] = [
    { ...key, float32: digest("c") },
    { ...key, variants: [{ variant: "int8", digest: digest("c") }] },
    { ...key, variants: [{ variant: "fp16", digest: digest("b") }] },
    { ...key, conditions: { ...key.conditions, device: "another" } },
    { ...key, conditions: { ...key.conditions, threads: 4 } },
    { ...key, conditions: { ...key.conditions, runtime: "new" } },
  ];
  const paths = [key, ...changes].map((each) => timingPath(folder, each));
  expect(new Set(paths).size).toBe(paths.length);
  const turned = { rows: 32, threads: 2, device: "CPU" };
  expect(timingPath(folder, { ...key, conditions: turned })).toBe(paths[0]);
});

test("of engines that measured side by side the first one counts for all", async () => {
  const path = join(folder, "raced.timing.json");
  expect(await recallTimings(path, key)).toBeNull();
  const counting = await Promise.all(
    [10, 20, 30, 40].map(
      async (float) => await rememberTimings(path, { key, timings: timingsOf(float) }),
    ),
  );
  const known = await recallTimings(path, key);
  expect(counting).toEqual([known, known, known, known]);
  expect((await readdir(folder)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("a file that is damaged, or of other variants, is as good as none, and is replaced", async () => {
  const path = join(folder, "damaged.timing.json");
  const foreign = { ...timingsOf(1), variants: [{ variant: "fp16", roundsMs: [0.1] }] };
  const contents = ["", "{", '{"v":1,"timings":{"float32":[],"variants":[]}}', '{"v":2}'];
  for (const content of [...contents, JSON.stringify({ v: 1, timings: foreign })]) {
    await writeFile(path, content);
    expect(await recallTimings(path, key)).toBeNull();
  }
  await rememberTimings(path, { key, timings: timingsOf(5) });
  expect(await recallTimings(path, key)).toEqual(timingsOf(5));
});

test("a folder that cannot be written is told with what to do", async () => {
  const path = join(folder, "damaged.timing.json", "below.timing.json");
  await expect(rememberTimings(path, { key, timings: timingsOf(5) })).rejects.toThrow(
    /below\.timing\.json.*cannot be written.*make the folder writable/u,
  );
});
