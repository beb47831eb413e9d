import { ensembleNameSchema } from "@sluice/contracts";
import { startChunkConsumer } from "../chunk-consumer.ts";

/**
 * A worker process that takes chunks, says so on standard output and never finishes any, for a test to kill.
 * Arguments: Redis URL, queue prefix.
 */
const [redisUrl = "", prefix = ""] = process.argv.slice(2);
await startChunkConsumer({
  redisUrl,
  prefix,
  ensemble: ensembleNameSchema.parse("default"),
  concurrency: 4,
  lockDurationMs: 1000,
  stalledIntervalMs: 500,
  onError: () => undefined,
  handle: async ({ id }) => {
    process.stdout.write(`taken ${id}\n`);
    return await new Promise(() => undefined);
  },
  events: {
    jobDead: () => undefined,
    jobRetried: () => undefined,
    jobStalled: () => undefined,
    chunkSuspected: () => undefined,
  },
});
