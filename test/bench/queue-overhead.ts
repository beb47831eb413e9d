// The way through Redis alone: chunks, their consumer and the verdicts' consumer, with a model that does nothing. All in this process.
// Run: node --conditions=@sluice/source test/bench/queue-overhead.ts [images] [rounds]
import { loadavg } from "node:os";
import {
  chunkJobSchema,
  deriveChunkId,
  ensembleNameSchema,
  MAX_CHUNK_OBJECTS,
  objectRefSchema,
  policyNameSchema,
  rootNameSchema,
  sha256Schema,
  sourceNameSchema,
  verdictJobSchema,
  type ChunkJob,
  type Lane,
  type VerdictJob,
} from "@sluice/contracts";
import { openChunkSender, startChunkConsumer, startVerdictConsumer } from "@sluice/queue";
import { median } from "../../apps/cli/src/bench/statistics.ts";
import { TestRedis } from "../harness/test-redis.ts";

const [images = 20_000, rounds = 3] = process.argv.slice(2).map(Number);

/** Chunks that are sent before the answer to the first of them is there. */
const SENT_AHEAD = 64;

/** As `worker.concurrency` and moderation have it. */
const CONCURRENCY = 16;

const ensemble = ensembleNameSchema.parse("default");
const root = rootNameSchema.parse("uploads");
const source = sourceNameSchema.parse("uploads");
const policy = policyNameSchema.parse("default");
const digest = sha256Schema.parse("a".repeat(64));

await using redis = await TestRedis.start();
const queue = {
  redisUrl: redis.url,
  prefix: "overhead",
  onError: (error: Error) => console.error(error.message),
};
const jobs = { concurrency: CONCURRENCY, lockDurationMs: 30_000, stalledIntervalMs: 60_000 };
const events = {
  jobDead: console.error,
  jobRetried: console.error,
  jobStalled: console.error,
  chunkSuspected: console.error,
};
await using sender = openChunkSender({ ...queue, commandTimeoutMs: 10_000 });
await using _chunks = await startChunkConsumer({
  ...queue,
  ...jobs,
  ensemble,
  handle: async (chunk) => await Promise.resolve(allow(chunk)),
  events,
});
let decided = 0;
let whenDecided = (): void => undefined;
await using _verdicts = await startVerdictConsumer({
  ...queue,
  ...jobs,
  roots: [root],
  handle: async ({ outcomes }) => {
    decided += outcomes.length;
    whenDecided();
    await Promise.resolve();
  },
  events,
});

let version = 0;
await measure({ lane: "live", size: 1, count: 500 });
for (const [lane, size] of [
  ["live", 1],
  ["live", MAX_CHUNK_OBJECTS.live],
  ["bulk", MAX_CHUNK_OBJECTS.bulk],
] as const) {
  const rates: number[] = [];
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round++) {
    rates.push(await measure({ lane, size, count: images }));
  }
  const { user, system } = process.cpuUsage(before);
  const cpuMs = (user + system) / 1000 / (rounds * images);
  const load = (loadavg()[0] ?? Number.NaN).toFixed(1);
  const each = rates.map((rate) => rate.toFixed(0)).join(", ");
  console.log(
    `${lane}, ${size} a chunk: ${median(rates).toFixed(0)} images/s (${each}; load ${load}), ${cpuMs.toFixed(3)} ms CPU an image beside Redis`,
  );
}

/** Images per second from the first chunk that is sent to the last verdict. */
async function measure(run: {
  readonly lane: Lane;
  readonly size: number;
  readonly count: number;
}): Promise<number> {
  const { lane, size, count } = run;
  const chunks = Array.from({ length: Math.ceil(count / size) }, () => makeChunk(lane, size));
  const wanted = decided + chunks.length * size;
  const { promise: done, resolve } = Promise.withResolvers<void>();
  whenDecided = () => {
    if (decided >= wanted) resolve();
  };
  const startedAt = performance.now();
  const send = async (): Promise<void> => {
    for (let chunk = chunks.pop(); chunk !== undefined; chunk = chunks.pop()) {
      await sender.send(chunk);
    }
  };
  await Promise.all(Array.from({ length: SENT_AHEAD }, send));
  await done;
  return (1000 * count) / (performance.now() - startedAt);
}

function makeChunk(lane: Lane, size: number): ChunkJob {
  const objects = Array.from({ length: size }, () => {
    version += 1;
    return objectRefSchema.parse({
      path: `2026/11/${version}.jpg`,
      version: `1-2-3-${version}`,
      sizeBytes: 185_000,
    });
  });
  const content = { source, root, policy, ensemble, objects };
  const id = deriveChunkId(content);
  return chunkJobSchema.parse({ v: 1, id, lane, ...content, enqueuedAtMs: Date.now() });
}

function allow(chunk: ChunkJob): VerdictJob {
  return verdictJobSchema.parse({
    v: 1,
    chunkId: chunk.id,
    lane: chunk.lane,
    source,
    root,
    policy,
    ensemble,
    ensembleDigest: digest,
    worker: "bench",
    classifiedAtMs: Date.now(),
    outcomes: chunk.objects.map((object) => ({
      object,
      classification: {
        kind: "classified",
        sha256: digest,
        sizeBytes: object.sizeBytes,
        format: "jpeg",
        width: 4000,
        height: 3000,
        frames: 1,
        isDamaged: false,
        scores: [{ label: "fish", classId: 0, score: 0.9 }],
        members: [{ model: "none", digest, scores: [] }],
      },
    })),
  });
}
