import { readFile } from "node:fs/promises";
import { unscannableReasonSchema, type ObjectRef } from "@sluice/contracts";
import { drawHostileOriginals, mutateFile } from "@sluice/imaging";
import { expect, test } from "vitest";
import { byPath, split } from "./testing/outcomes.ts";
import { RunningWorker } from "./testing/running-worker.ts";
import { makeChunk, WorkerSite } from "./testing/worker-site.ts";

/** HOSTILE_FILES=100000 for a long run, HOSTILE_SEED to begin elsewhere. */
const FILES = Number(process.env["HOSTILE_FILES"] ?? 10_000);
const FIRST_SEED = Number(process.env["HOSTILE_SEED"] ?? 0);
const CHUNK = 64;
const LIMITS = { maxImagePixels: 2_000_000, maxProgressivePixels: 1_000_000, maxFrames: 16 };
/** Of the engine, most of it ONNX Runtime, the model and Node.js. */
const MEMORY_CAP_BYTES = 600e6;

/** The most memory that a process has ever had. */
async function peakBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/mu.exec(status)?.[1]) * 1024;
}

test(
  `${FILES} mutated files end in exactly one outcome each: no engine and no worker ends, memory stays under the cap`,
  async () => {
    const originals = await drawHostileOriginals();
    await using site = await WorkerSite.make({ inputSide: 64, settings: LIMITS });
    await using worker = await RunningWorker.start(site);
    const objects: ObjectRef[] = [];
    for (let i = 0; i < FILES; i++) {
      objects.push(await site.upload(`${i}`, mutateFile(originals, FIRST_SEED + i)));
    }
    await worker.ready;
    const [engine, ...others] = worker.events("engine.ready");
    expect(others).toEqual([]);

    const verdicts = await worker.classify(split(objects, CHUNK).map((part) => makeChunk(part)));

    const told = verdicts.flatMap(({ outcomes }) => outcomes.map(({ object }) => object.path));
    expect(told).toHaveLength(FILES);
    expect(new Set(told)).toEqual(new Set(objects.map(({ path }) => path)));
    const outcomes = Object.values(byPath(verdicts));
    const known = new Set<string>(["classified", ...unscannableReasonSchema.options]);
    expect(outcomes.filter((outcome) => !known.has(outcome))).toEqual([]);
    // Both ends of the ladder are met, or the mutations would be too weak or too strong to show anything.
    for (const end of ["classified", "corrupt"]) {
      expect(outcomes.filter((outcome) => outcome === end).length).toBeGreaterThan(FILES / 20);
    }
    expect(worker.events("engine.lost")).toEqual([]);
    const peak = await peakBytes(Number(engine?.["enginePid"]));
    console.log(`the engine had at most ${(peak / 1e6).toFixed(0)} MB`);
    expect(peak).toBeLessThan(MEMORY_CAP_BYTES);
    expect(await worker.stop()).toEqual({ code: 0, signal: null });
  },
  90_000 + FILES * 20,
);
