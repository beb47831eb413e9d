import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ProviderMissingError } from "./errors.ts";
import { openGraphTimer, type GraphTimerOptions } from "./graph-timer.ts";
import { encodeTinyGraph } from "./testing/tiny-graph.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-timer-"));
const spec = {
  fit: "stretch",
  resize: 32,
  height: 32,
  width: 32,
  interpolation: "bilinear",
} as const;

function graph(name: string, bytes: Buffer) {
  const graphPath = join(folder, `${name}.onnx`);
  writeFileSync(graphPath, bytes);
  return { model: name, graphPath, classes: 2, spec };
}

const quick = graph("quick", encodeTinyGraph({ factors: [0.5, 0.5] }));
const slow = graph("slow", encodeTinyGraph({ factors: [0.5, 0.5], idlePasses: 200 }));
const options: GraphTimerOptions = {
  provider: "cpu",
  deviceName: null,
  intraOpThreads: 1,
  rows: 8,
  limitMs: 60_000,
};

test("graphs are timed in turns, five rounds each, and the slow one takes longer", async () => {
  const timer = await openGraphTimer(options);
  const [first, second] = await timer.time([quick, slow]);
  if (first?.kind !== "timed" || second?.kind !== "timed") throw new Error("both run");
  expect([first.roundsMs.length, second.roundsMs.length]).toEqual([5, 5]);
  const least = (times: readonly number[]) => Math.min(...times);
  expect(least(second.roundsMs)).toBeGreaterThan(2 * least(first.roundsMs));
});

test("when time is up two rounds must do", async () => {
  const timer = await openGraphTimer({ ...options, limitMs: 0 });
  const timings = await timer.time([quick, slow]);
  expect(timings.map((timing) => timing.kind === "timed" && timing.roundsMs.length)).toEqual([
    2, 2,
  ]);
});

test("a graph that does not load is told, and the others are timed", async () => {
  const timer = await openGraphTimer(options);
  const broken = graph("broken", Buffer.from("no graph"));
  const timings = await timer.time([quick, broken]);
  expect(timings).toMatchObject([
    { kind: "timed" },
    { kind: "failed", message: expect.stringMatching(/model broken: ONNX Runtime cannot run it/u) },
  ]);
});

test("the provider that is asked for is timed, never another one", async () => {
  const timer = await openGraphTimer({ ...options, provider: "qnn" });
  await expect(timer.time([quick])).rejects.toThrow(ProviderMissingError);
});

test("what timings depend on is told: threads and rows, the device by its name", async () => {
  const { conditions } = await openGraphTimer({ ...options, intraOpThreads: 3, rows: 5 });
  expect(conditions).toMatchObject({
    provider: "cpu",
    threads: 3,
    rows: 5,
    runtime: expect.stringMatching(/^onnxruntime-node \d/u),
  });
  const named = await openGraphTimer({ ...options, provider: "cuda", deviceName: "NVIDIA L4" });
  expect(named.conditions["device"]).toBe("NVIDIA L4");
});
