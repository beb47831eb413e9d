import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findModelCard } from "@sluice/demo-models";
import { buildFromCard } from "@sluice/models";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runSluice } from "../testing/run-sluice.ts";
import { drawPhotographs } from "./draw-photographs.ts";
import type { BenchReport } from "./run-bench.ts";
import { median } from "./statistics.ts";

let cwd = "";
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "sluice-bench-"));
  await buildFromCard(findModelCard("squeezenet1_1"), join(cwd, "squeezenet"));
  // Here, since a process that has decoded pictures from strangers draws no more of its own.
  await drawPhotographs(join(cwd, "photos"), 4);
  await drawPhotographs(join(cwd, "mixed"), 1);
  await mkdir(join(cwd, "useless"));
  for (const file of ["mixed/empty.jpg", "mixed/notes.txt", "useless/notes.txt"]) {
    await writeFile(join(cwd, file), file.endsWith("txt") ? "no picture" : "");
  }
});
afterAll(async () => await rm(cwd, { recursive: true }));

const args = [
  "bench",
  "--model",
  "squeezenet",
  "--count",
  "5",
  "--batches",
  "1,2",
  "--rounds",
  "1",
  "--no-queue",
];

test("a bench says what it ran on, and gives every figure", async () => {
  const { code, stdout } = await runSluice([...args, "--json"], cwd);
  expect(code).toBe(0);
  const report: BenchReport = JSON.parse(stdout);
  expect(report).toMatchObject({ provider: "cpu", machine: { node: process.version } });
  expect(report.sessions.map(({ model, batch }) => [model, batch])).toEqual([
    ["squeezenet", 1],
    ["squeezenet", 2],
  ]);
  for (const { batch, batchMs, imagesPerSecond } of report.sessions) {
    expect(imagesPerSecond).toBeCloseTo((1000 * batch) / batchMs, 6);
  }
  expect([report.decode.images, report.pipeline.images]).toEqual([5, 5]);
  expect(report.pipeline.cpuMsPerImage).toBeGreaterThan(0);
});

test("people get tables, and a wrong batch size is refused", async () => {
  const { stdout } = await runSluice([...args, "--pictures", "photos"], cwd);
  expect(stdout).toMatch(/^model alone +batch +ms\/batch +images\/s$/mu);
  expect(stdout).toMatch(/^pipeline \/ one after the other: \d+\.\d\d, over 4 pictures$/mu);
  const wrong = await runSluice(["bench", "--batches", "0"], cwd);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringMatching(/whole numbers from 1/u)]);
});

test("files that cannot be decoded are told and left out, and a folder of nothing else is refused", async () => {
  const { code, stdout, stderr } = await runSluice([...args, "--pictures", "mixed"], cwd);
  expect([code, stderr]).toEqual([0, expect.stringMatching(/^2 of 3 files cannot be decoded/u)]);
  expect(stdout).toMatch(/over 1 pictures$/mu);
  const none = await runSluice([...args, "--pictures", "useless"], cwd);
  expect([none.code, none.stderr]).toEqual([1, expect.stringMatching(/none of 1 files/u)]);
});

test("the median is the middle value, or between the two in the middle", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
});
