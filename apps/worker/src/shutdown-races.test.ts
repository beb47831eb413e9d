import { randomOf } from "@sluice/imaging";
import { expect, test, vi } from "vitest";
import { byPath, names, split } from "./testing/outcomes.ts";
import { RunningWorker } from "./testing/running-worker.ts";
import { makeChunk, WorkerSite } from "./testing/worker-site.ts";

/** RACE_SEEDS=50 for a long run. */
const SEEDS = Array.from({ length: Number(process.env["RACE_SEEDS"] ?? 3) }, (_, seed) => seed);
const IMAGES = 120;
const SETTINGS = { maxBatchItems: 4, watchdogMs: 2000, shutdownGraceMs: 300 };

/** What happens to the engine. SIGSTOP is what a hang looks like from outside. */
const BLOWS = ["SIGKILL", "SIGSTOP", "SIGSEGV", null] as const;

test.each(SEEDS)(
  "an engine that dies or hangs, and a worker that is stopped in the midst of it, as seed %i has them: the next worker finishes, with one outcome each",
  async (seed) => {
    const random = randomOf(seed);
    await using site = await WorkerSite.make({ inputSide: 224, settings: SETTINGS });
    const objects = await site.uploadPictures(names(IMAGES));
    const chunks = split(objects, 1 + random(20)).map((part) => makeChunk(part));
    await using first = await RunningWorker.start(site);
    await first.ready;
    const verdicts = first.classify(chunks);

    const batches = 1 + random(8);
    await vi.waitUntil(() => first.events("batch.completed").length >= batches, {
      timeout: 30_000,
    });
    const enginePid = Number(first.events("engine.ready").at(-1)?.["enginePid"]);
    const blow = BLOWS[random(BLOWS.length)] ?? null;
    if (blow !== null) process.kill(enginePid, blow);
    const isKilled = seed % 2 === 0;
    const ended = isKilled ? await killAll(first, enginePid) : await first.stop();
    expect(ended).toMatchObject(isKilled ? { signal: "SIGKILL" } : { code: 0 });
    await using second = await RunningWorker.start(site, first.redis);
    await second.ready;

    const told = await verdicts;
    const paths = told.flatMap(({ outcomes }) => outcomes.map(({ object }) => object.path));
    expect(new Set(paths)).toEqual(new Set(objects.map(({ path }) => path)));
    expect(new Set(Object.values(byPath(told)))).toEqual(new Set(["classified"]));
    // A killed worker may have told what it could not mark as done: delivery is at least once, and moderation decides once.
    expect(paths.length).toBeLessThanOrEqual(isKilled ? 2 * IMAGES : IMAGES);
    expect(await second.stop()).toEqual({ code: 0, signal: null });
  },
  120_000,
);

/** As a power cut does, or a supervisor whose patience is over. */
async function killAll(worker: RunningWorker, enginePid: number) {
  worker.child.kill("SIGKILL");
  try {
    process.kill(enginePid, "SIGKILL");
  } catch {
    // It has died of the blow, or with its worker.
  }
  return await worker.exited;
}
