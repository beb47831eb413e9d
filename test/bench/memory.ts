// Memory of worker and engine over 100,000 images that go all the way: folder, ingest, Redis, worker, decision. Nothing is remembered of contents.
// Build first. Run: node --conditions=@sluice/source test/bench/memory.ts [images] [pictures]
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { loadConfig, DEFAULT_VARIANT_LIMITS } from "@sluice/config";
import { drawPicture, findModelCard, PICTURE_KINDS } from "@sluice/demo-models";
import { rasterizeSvg } from "@sluice/imaging";
import { buildModelDirectory, readModelCard } from "@sluice/models";
import { RecordsView } from "@sluice/storage";
import { z } from "zod";
import { startQueue } from "../../apps/cli/src/bench/bench-queue.ts";
import type { Input } from "../../apps/cli/src/classify/list-inputs.ts";
import { findChildren } from "../harness/processes.ts";
import { residentMb } from "./process-facts.ts";

/** The crop of the model: small, so that 100,000 images take minutes. */
const SIDE = 64;
const LONGER_SIDE = 160;
const SAMPLE_EVERY_MS = 5000;

const [images = 100_000, pictures = 200] = process.argv.slice(2).map(Number);
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());
const folder = await mkdtemp(join(tmpdir(), "sluice-memory-"));
const plan = await readModelCard(findModelCard("squeezenet1_1"));
if (plan.image === undefined) throw new Error("expected a card with an image section");
const image = { ...plan.image, resize: SIDE, crop: SIDE };
await buildModelDirectory({ ...plan, image, outDir: join(folder, "model") });
const inputs = await drawPictures();
const { worker } = await loadConfig({ env: {}, cwd: folder });
const member = { model: join(folder, "model"), weight: 1, temperature: 1, set: null };
await using queue = await startQueue({
  inputs,
  times: Math.ceil(images / pictures),
  settings: worker,
  ensemble: {
    members: [{ ...member, precision: "float32" }],
    fusion: "mean",
    scoreFloor: 0.001,
    views: "center",
    frames: "all",
    cascade: null,
    embeddings: "none",
    variantLimits: DEFAULT_VARIANT_LIMITS,
  },
  redisUrl: null,
  env: process.env,
  signal: stop.signal,
  say: console.log,
});
const workerPid = z
  .object({ pid: z.number() })
  .parse(JSON.parse(await readFile(join(queue.config.http.runDir, "worker.json"), "utf8"))).pid;
const [enginePid = 0] = await findChildren(workerPid, "/engine/");

const ended = new AbortController();
const sampling = sample();
const perSecond = await queue.measure(images);
ended.abort();
const samples = await sampling;
const warm = samples.find(({ decided }) => decided >= images / 10);
const last = samples.at(-1);
console.log(`${perSecond.toFixed(0)} images/s`);
if (warm !== undefined && last !== undefined) {
  console.log(
    `growth from ${warm.decided} to ${last.decided} images: worker ${(last.worker - warm.worker).toFixed(1)} MB, engine ${(last.engine - warm.engine).toFixed(1)} MB`,
  );
}
await rm(folder, { recursive: true });

async function drawPictures(): Promise<Input[]> {
  const drawn: Input[] = [];
  for (let index = 0; index < pictures; index++) {
    const kind = PICTURE_KINDS[index % PICTURE_KINDS.length] ?? "fish";
    const path = join(folder, `${index}.jpg`);
    const { svg, width, height } = drawPicture({ seed: 23, kind, index });
    const longer = LONGER_SIDE / Math.max(width, height);
    const size = `width="${Math.round(width * longer)}" height="${Math.round(height * longer)}" viewBox="0 0 ${width} ${height}"`;
    const small = svg.replace(`width="${width}" height="${height}"`, size);
    await writeFile(path, await rasterizeSvg(small, { format: "jpeg", quality: 85 }));
    drawn.push({ name: `${index}.jpg`, path });
  }
  return drawn;
}

async function sample(): Promise<{ decided: number; worker: number; engine: number }[]> {
  const taken: { decided: number; worker: number; engine: number }[] = [];
  console.log("seconds  decided  worker MB  engine MB");
  const startedAt = performance.now();
  while (!ended.signal.aborted) {
    const [ofWorker, ofEngine] = await Promise.all([residentMb(workerPid), residentMb(enginePid)]);
    taken.push({ decided: countDecisions(), worker: ofWorker, engine: ofEngine });
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0).padStart(7);
    console.log(
      `${seconds}  ${String(taken.at(-1)?.decided).padStart(7)}  ${ofWorker.toFixed(1).padStart(9)}  ${ofEngine.toFixed(1).padStart(9)}`,
    );
    await delay(SAMPLE_EVERY_MS, undefined, { signal: ended.signal }).catch(() => undefined);
  }
  return taken;
}

function countDecisions(): number {
  using records = RecordsView.open(queue.config.moderation.databasePath);
  return Object.values(records?.counts().decisions ?? {}).reduce((sum, count) => sum + count, 0);
}
