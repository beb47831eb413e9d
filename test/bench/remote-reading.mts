// Images/s through the engine's pipeline when its objects come through the object endpoint of another process, over the same from a
// folder, and what of the CPU either takes, which a busy machine changes less. Run: node --conditions=@sluice/source test/bench/remote-reading.mts [pictures] [rounds]
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import {
  ensembleNameSchema,
  objectRefSchema,
  rootNameSchema,
  type ObjectRef,
} from "@sluice/contracts";
import { drawPicture, findModelCard, PICTURE_KINDS } from "@sluice/demo-models";
import { createImageDecoder, hardenDecoder, rasterizeSvg } from "@sluice/imaging";
import { allocateBatchBuffers, Pipeline, type ObjectReader } from "@sluice/inference";
import { startOnnxDevice } from "@sluice/inference-onnx";
import { buildFromCard, loadEnsemble } from "@sluice/models";
import { createEndpointReader, objectKeySchema, startObjectServer } from "@sluice/object-endpoint";
import { createFolderReader, versionOfFile } from "@sluice/storage";
import { threadSeconds } from "./process-facts.ts";

const root = rootNameSchema.parse("uploads");
const key = objectKeySchema.parse("benchmark".repeat(4));
const MAX_IMAGE_BYTES = 64 << 20;
const folderToServe = process.argv.slice(2).find((argument) => argument.startsWith("/"));

if (folderToServe === undefined) await compare();
else await serve(folderToServe);

/** The other process: what ingest does. */
async function serve(folder: string): Promise<void> {
  const nothing = (): void => undefined;
  const server = await startObjectServer({
    host: "127.0.0.1",
    port: 0,
    tls: null,
    key,
    reader: createFolderReader({
      folders: new Map([[root, folder]]),
      maxImageBytes: MAX_IMAGE_BYTES,
    }),
    maxBytesInFlight: 256 << 20,
    maxWaiting: 1000,
    maxConnections: 1024,
    idleTimeoutMs: 30_000,
    nowMs: Date.now,
    events: { served: nothing, answeredWithout: nothing, refused: nothing, failed: console.error },
  });
  process.send?.(server.port);
  process.once("disconnect", () => process.exit());
}

async function compare(): Promise<void> {
  const [count = 300, rounds = 5] = process.argv.slice(2).map(Number);
  const folder = await mkdtemp(join(tmpdir(), "sluice-remote-"));
  const objects = await drawUploads(folder, count);
  const sizes = objects.map(({ sizeBytes }) => sizeBytes);
  const meanKb = sizes.reduce((sum, size) => sum + size, 0) / count / 1000;
  console.log(
    `${count} JPEGs, ${meanKb.toFixed(0)} KB on average, ${availableParallelism()} cores`,
  );
  const child = fork(new URL(import.meta.url), [folder], {
    execArgv: ["--conditions=@sluice/source"],
  });
  const [port]: number[] = await once(child, "message");
  const local = createFolderReader({
    folders: new Map([[root, folder]]),
    maxImageBytes: MAX_IMAGE_BYTES,
  });
  using remote = createEndpointReader({
    endpoints: new Map([[root, new URL(`http://127.0.0.1:${port}`)]]),
    key,
    ca: null,
    maxImageBytes: MAX_IMAGE_BYTES,
    maxConnections: 32,
    stallTimeoutMs: 10_000,
    giveUpAfterMs: 0,
    nowMs: Date.now,
    events: { troubled: console.error, recovered: () => undefined },
  });
  const model = join(folder, "..", `sluice-remote-model-${process.pid}`);
  await buildFromCard(findModelCard("squeezenet1_1"), model);
  const ratios: number[] = [];
  const costs: number[] = [];
  const run = await openEngine(model, folder);
  const timed = async (reader: ObjectReader) => {
    const before = await cpuSeconds(child.pid ?? 0);
    const rate = await run(reader, objects);
    return { rate, cpuMs: (1000 * ((await cpuSeconds(child.pid ?? 0)) - before)) / count };
  };
  await run(local, objects);
  for (let round = 1; round <= rounds; round += 1) {
    const fromFolder = await timed(local);
    const fromEndpoint = await timed(remote);
    ratios.push(fromEndpoint.rate / fromFolder.rate);
    costs.push(fromFolder.cpuMs / fromEndpoint.cpuMs);
    console.log(
      `folder ${fromFolder.rate.toFixed(1)}/s, ${fromFolder.cpuMs.toFixed(2)} ms of CPU an image; endpoint ${fromEndpoint.rate.toFixed(1)}/s, ${fromEndpoint.cpuMs.toFixed(2)} ms with its server; ratios ${ratios.at(-1)?.toFixed(3)}, ${costs.at(-1)?.toFixed(3)}`,
    );
  }
  const middle = (of: readonly number[]) => of.toSorted((a, b) => a - b)[rounds >> 1]?.toFixed(3);
  console.log(
    `median ratio of images/s ${middle(ratios)}, of CPU time ${middle(costs)}; load ${loadavg()[0]?.toFixed(1)}`,
  );
  child.disconnect();
  await rm(folder, { recursive: true });
  await rm(model, { recursive: true });
  process.exit();
}

/** CPU time of this process and of the server. */
async function cpuSeconds(server: number): Promise<number> {
  const threads = await Promise.all([process.pid, server].map(threadSeconds));
  return threads.flatMap((of) => [...of.values()]).reduce((sum, { seconds }) => sum + seconds, 0);
}

async function drawUploads(folder: string, count: number): Promise<ObjectRef[]> {
  const objects: ObjectRef[] = [];
  for (let index = 0; index < count; index += 1) {
    const kind = PICTURE_KINDS[index % PICTURE_KINDS.length] ?? "fish";
    const { svg, width, height } = drawPicture({ seed: 11, kind, index });
    const size = `width="1600" height="${Math.round((1600 * height) / width)}" viewBox="0 0 ${width} ${height}"`;
    const path = join(folder, `${index}.jpg`);
    const bytes = await rasterizeSvg(svg.replace(`width="${width}" height="${height}"`, size), {
      format: "jpeg",
      quality: 92,
    });
    await writeFile(path, bytes);
    const version = versionOfFile(await stat(path, { bigint: true }));
    objects.push(objectRefSchema.parse({ path: `${index}.jpg`, version, sizeBytes: bytes.length }));
  }
  return objects;
}

/** The engine's pipeline in this process; gives images/s for a reader. */
async function openEngine(model: string, folder: string) {
  hardenDecoder();
  const member = { model, precision: "float32", weight: 1, temperature: 1, set: null } as const;
  const settings = {
    members: [member],
    fusion: "mean",
    views: "center",
    frames: "all",
    embeddings: "none",
    scoreFloor: 0.001,
    cascade: null,
  } as const;
  const loaded = await loadEnsemble(
    ensembleNameSchema.parse("default"),
    settings,
    join(folder, "cache"),
  );
  const buffers = allocateBatchBuffers(loaded.specs, 32);
  const device = await startOnnxDevice({
    members: loaded.deviceMembers,
    buffers,
    provider: "cpu",
    intraOpThreads: 0,
  });
  const decoder = createImageDecoder({
    specs: loaded.specs,
    maxImagePixels: 1e8,
    maxProgressivePixels: 5e7,
    maxFrames: 64,
    maxPixelsInFlight: 4e8,
    decodeTimeoutMs: 20_000,
  });
  return async (reader: ObjectReader, objects: readonly ObjectRef[]): Promise<number> => {
    let left = objects.length;
    const done = Promise.withResolvers<void>();
    const nothing = (): void => undefined;
    const pipeline = new Pipeline({
      ensemble: loaded.ensemble,
      reader,
      decoder,
      device,
      buffers,
      readConcurrency: 4 * (availableParallelism() + 1),
      decodeConcurrency: availableParallelism() + 1,
      maxUndecidedRows: 256,
      cacheEntries: 0,
      now: () => performance.now(),
      events: {
        outcome({ classification }) {
          if (classification.kind !== "classified")
            done.reject(new Error(JSON.stringify(classification)));
          left -= 1;
          if (left === 0) done.resolve();
        },
        imageDecoded: nothing,
        imageRecalled: nothing,
        batchCompleted: nothing,
        failed: (error) => done.reject(error),
      },
    });
    const startedAt = performance.now();
    for (const [i, object] of objects.entries())
      pipeline.submit({ id: i + 1, lane: "bulk", root, object });
    await done.promise;
    return (1000 * objects.length) / (performance.now() - startedAt);
  };
}
