import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listArchitectures } from "@sluice/models";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { runSluice } from "../testing/run-sluice.ts";
import { measureArchitecture, type ArchitectureFigures } from "./compare-architectures.ts";
import { drawChart } from "./draw-chart.ts";
import { sortBySpeed } from "./format-comparison.ts";

let cwd = "";
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "sluice-compare-"));
});
afterAll(async () => await rm(cwd, { recursive: true }));

test("architectures are measured in processes of their own, and drawn", async () => {
  const args = [
    "--models",
    "squeezenet1_1,mobilenet_v3_small",
    "--batches",
    "1,2",
    "--rounds",
    "1",
  ];
  const { code, stdout } = await runSluice(
    ["bench", ...args, "--chart", "chart.svg", "--json"],
    cwd,
  );
  expect(code).toBe(0);
  const { architectures }: { architectures: ArchitectureFigures[] } = JSON.parse(stdout);
  expect(architectures.map(({ name }) => name).toSorted()).toEqual([
    "mobilenet_v3_small",
    "squeezenet1_1",
  ]);
  const [first, second] = architectures.map(({ batches }) => batches.at(-1)!.imagesPerSecond);
  expect(first).toBeGreaterThanOrEqual(second!);
  for (const { sizeBytes, parameters, memoryBytes, batches } of architectures) {
    expect(sizeBytes).toBeGreaterThan(3.5 * parameters); // float32, less the batch norms that were folded
    expect(memoryBytes).toBeGreaterThan(0);
    expect(batches.map(({ batch }) => batch)).toEqual([1, 2]);
  }
  const chart = await readFile(join(cwd, "chart.svg"), "utf8");
  expect(chart.match(/class="bar"/gu)).toHaveLength(2);
});

test("a stop in the midst of a measurement is told as the stop that it is", async () => {
  const [facts] = listArchitectures().filter(({ name }) => name === "squeezenet1_1");
  const stop = new AbortController();
  const reason = new Error("stopped by SIGINT");
  const options = { batches: [1], rounds: 1_000_000, threads: 1, signal: stop.signal };
  const measured = measureArchitecture(facts!, options);
  const isMeasuring = (): boolean => process.getActiveResourcesInfo().includes("ProcessWrap");
  await vi.waitUntil(isMeasuring, { timeout: 30_000 });
  stop.abort(reason);
  await expect(measured).rejects.toBe(reason);
});

test("an unknown name is refused with the nearest one", async () => {
  const { code, stderr } = await runSluice(["bench", "--models", "resnett50"], cwd);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/did you mean resnet50\?/u)]);
});

test("the fastest comes first, and every bar stays within the chart", () => {
  const figures = listArchitectures().map((facts, i): ArchitectureFigures => {
    const imagesPerSecond = 0.4 * 1.1 ** i;
    const batches = [{ batch: 8, batchMs: 8000 / imagesPerSecond, imagesPerSecond }];
    return { ...facts, sizeBytes: 1, loadMs: 1, memoryBytes: 1, batches };
  });
  const sorted = sortBySpeed(figures);
  expect(sorted[0]!.name).toBe(figures.at(-1)!.name);
  const machine = {
    cpu: "<CPU & more>",
    cores: 2,
    memoryGib: 1,
    node: "v24",
    platform: "linux-x64",
  };
  const svg = drawChart(sorted, machine);
  expect(svg).not.toContain("<CPU");
  const widths = [...svg.matchAll(/class="bar"[^>]* width="([\d.]+)"/gu)].map(([, w]) => Number(w));
  expect(widths).toHaveLength(figures.length);
  expect(Math.max(...widths)).toBeLessThanOrEqual(520);
  expect(Math.min(...widths)).toBeGreaterThanOrEqual(1);
});
