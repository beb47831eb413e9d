// Where the CPU time of the engine goes: by thread, and for the thread that runs JavaScript by function.
// Run: node --conditions=@sluice/source test/bench/cpu-shares.ts <pictures> <model directory>
// Every picture counts once: the same content twice under way would be classified once.
import { Session } from "node:inspector/promises";
import type { Profiler } from "node:inspector";
import { loadavg } from "node:os";
import { listPictures, openEngine } from "./engine.ts";
import { threadSeconds, type ThreadTime } from "./process-facts.ts";

const [folder = "", model = ""] = process.argv.slice(2);
const inputs = await listPictures(folder);
await using engine = await openEngine(model);
await engine.classify(inputs.slice(0, 20));

// The profiler costs time of its own, so the threads are measured without it.
const before = await threadSeconds(process.pid);
const wholeBefore = process.cpuUsage();
const seconds = await engine.classify(inputs);
const whole = process.cpuUsage(wholeBefore);
const after = await threadSeconds(process.pid);

const total = (whole.user + whole.system) / 1e6;
console.log(
  `${inputs.length} images, ${(inputs.length / seconds).toFixed(1)}/s, ${((1000 * total) / inputs.length).toFixed(2)} CPU ms/image, load ${loadavg()[0]?.toFixed(1)}`,
);
printThreads(before, after);

const session = new Session();
session.connect();
await session.post("Profiler.enable");
await session.post("Profiler.setSamplingInterval", { interval: 1000 });
await session.post("Profiler.start");
await engine.classify(inputs);
const { profile } = await session.post("Profiler.stop");
printFunctions(profile);

/** Kernel names: the main thread is `node` or `MainThread`, libuv's pool `libuv-worker`, where libvips runs. */
function printThreads(
  earlier: ReadonlyMap<string, ThreadTime>,
  later: ReadonlyMap<string, ThreadTime>,
): void {
  const rows = [...later].map(([id, { name, seconds: used }]) => {
    const own = used - (earlier.get(id)?.seconds ?? 0);
    return { name: id === String(process.pid) ? `${name} (JavaScript)` : name, own };
  });
  for (const [name, group] of Map.groupBy(rows, (row) => row.name)) {
    const own = group.reduce((sum, row) => sum + row.own, 0);
    if (own < 0.005) continue;
    console.log(
      `${((100 * own) / total).toFixed(1).padStart(6)} %  ${own.toFixed(2).padStart(7)} s  ${name} (${group.length})`,
    );
  }
}

/** Self time of the thread that runs JavaScript; "(idle)" is none. */
function printFunctions({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): void {
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const self = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const frame = byId.get(id);
    const place = frame?.url === "" ? "" : `  ${frame?.url.split("/").slice(-2).join("/")}`;
    const name = `${frame?.functionName === "" ? "(anonymous)" : frame?.functionName}${place}`;
    self.set(name, (self.get(name) ?? 0) + (timeDeltas[index] ?? 0) / 1e6);
  }
  const sorted = [...self].toSorted((a, b) => b[1] - a[1]).slice(0, 15);
  for (const [name, own] of sorted) {
    console.log(`${((100 * own) / total).toFixed(2).padStart(9)} %  ${own.toFixed(3)} s  ${name}`);
  }
}
