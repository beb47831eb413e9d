import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { deriveVerdictJobId, ensembleNameSchema } from "@sluice/contracts";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Recorder } from "./testing/recorder.ts";
import { makeChunk, makeVerdict, pathsOf } from "./testing/sample-jobs.ts";
import { EMPTY, TestQueue } from "./testing/test-queue.ts";
import { TestRedis } from "./testing/test-redis.ts";

vi.setConfig({ testTimeout: 30_000 }); // locks of dead processes must expire first

let redis: TestRedis;
beforeAll(async () => {
  redis = await TestRedis.start();
});
afterAll(async () => await redis[Symbol.asyncDispose]());

test("a chunk becomes one verdict under the derived id, and leaves nothing behind", async () => {
  await using queue = new TestQueue(redis);
  const worker = await queue.startWorker();
  const chunk = makeChunk("a.jpg", "b.jpg");
  const verdicts = queue.openRaw("{verdicts-incoming}");
  await queue.openSender().send(chunk);
  const job = await until(async () => await verdicts.getJob(deriveVerdictJobId(chunk.id)));
  expect(job.data).toEqual(makeVerdict(chunk));
  await worker.stop({ graceMs: 1000 });
  expect(await verdicts.getWaitingCount()).toBe(1);
  expect(await queue.counts("{live}")).toEqual(EMPTY);
});

test("the same chunk added twice is one job", async () => {
  await using queue = new TestQueue(redis);
  const sender = queue.openSender();
  const chunk = makeChunk("a.jpg");
  await Promise.all([sender.send(chunk), sender.send(chunk), sender.send(chunk)]);
  expect(await sender.waitingChunks(makeChunk("any"))).toBe(1);
  const verdicts = await queue.collectVerdicts();
  await queue.startWorker();
  await queue.openSender().send(makeChunk("last.jpg"));
  expect(await verdicts.untilCount(2)).toEqual(["a.jpg", "last.jpg"]);
});

test("when a worker process is killed its chunks go to {suspect} and run one object at a time", async () => {
  await using queue = new TestQueue(redis);
  const doomed = startDoomedWorker(queue);
  const output = doomed.stdout.setEncoding("utf8");
  await queue.openSender().send(makeChunk("a.jpg", "b.jpg", "c.jpg"));
  await once(output, "data");
  doomed.kill("SIGKILL");
  await once(doomed, "exit");

  const verdicts = await queue.collectVerdicts();
  const handled = new Recorder<string>();
  await queue.startWorker(async (chunk, { isSuspect, stalledCount }) => {
    handled.add(`${isSuspect ? "suspect" : "ordinary"} ${pathsOf(chunk)} ${stalledCount}`);
    return makeVerdict(chunk);
  });
  await verdicts.untilCount(3);
  expect(handled.items).toEqual(["suspect a.jpg 0", "suspect b.jpg 0", "suspect c.jpg 0"]);
  expect(queue.events.items.map(({ event }) => event)).toEqual(["jobStalled", "chunkSuspected"]);
});

test("an object that kills its process also when alone is told apart by its stalled count", async () => {
  await using queue = new TestQueue(redis);
  await queue.addRaw("{suspect}", makeChunk("bomb.jpg"));
  const doomed = startDoomedWorker(queue);
  await once(doomed.stdout, "data");
  doomed.kill("SIGKILL");
  await once(doomed, "exit");
  const counts = new Recorder<number>();
  await queue.startWorker(async (chunk, { stalledCount }) => {
    counts.add(stalledCount);
    return makeVerdict(chunk);
  });
  expect(await counts.untilCount(1)).toEqual([1]);
});

test("each ensemble has lanes of its own, and a worker takes the chunks of its own alone", async () => {
  await using queue = new TestQueue(redis);
  const verdicts = await queue.collectVerdicts();
  const strict = ensembleNameSchema.parse("strict");
  const forStrict = { ...makeChunk("b.jpg"), ensemble: strict };
  const sender = queue.openSender();
  await sender.send(forStrict);
  await queue.startWorker();
  await sender.send(makeChunk("a.jpg"));
  expect(await verdicts.untilCount(1)).toEqual(["a.jpg"]);
  expect(await sender.waitingChunks(forStrict)).toBe(1);
  expect(await sender.waitingChunks(makeChunk("a.jpg"))).toBe(0);
  await queue.startWorker(undefined, { ensemble: strict });
  expect(await verdicts.untilCount(2)).toEqual(["a.jpg", "b.jpg"]);
});

test("a chunk that failed is tried again and its neighbours go on meanwhile", async () => {
  await using queue = new TestQueue(redis);
  const verdicts = await queue.collectVerdicts();
  let failures = 0;
  await queue.startWorker(
    async (chunk) => {
      if (pathsOf(chunk) === "flaky.jpg" && failures++ === 0) throw new Error("disk away");
      return makeVerdict(chunk);
    },
    { concurrency: 1 },
  );
  const sender = queue.openSender();
  await sender.send(makeChunk("flaky.jpg"));
  await sender.send(makeChunk("neighbour.jpg"));
  expect(await verdicts.untilCount(2)).toEqual(["neighbour.jpg", "flaky.jpg"]);
  expect(queue.events.items).toMatchObject([{ event: "jobRetried", about: { attempt: 1 } }]);
});

test("a handler that answers with something that is no verdict fails its job, not the queue", async () => {
  await using queue = new TestQueue(redis);
  await queue.startWorker(async (chunk) => ({ ...makeVerdict(chunk), outcomes: [] }));
  await queue.openSender().send(makeChunk("a.jpg"));
  await queue.events.untilCount(1);
  expect(queue.events.items).toMatchObject([{ event: "jobRetried" }]);
  expect(await queue.counts("{verdicts-incoming}")).toEqual(EMPTY);
});

function startDoomedWorker({ options }: TestQueue) {
  const script = join(import.meta.dirname, "testing", "doomed-worker.ts");
  const flags = ["--conditions=@sluice/source", "--no-warnings"];
  return spawn(process.execPath, [...flags, script, options.redisUrl, options.prefix], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** Asks until there is an answer; the test's own time limit ends it. */
async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
  }
}
