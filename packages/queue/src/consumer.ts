import { DEAD_LETTER_OPTIONS, backoffDelayMs } from "./job-options.ts";
import { Queue, UnrecoverableError, WaitingError, Worker, type Job } from "bullmq";
import type { z } from "zod";
import { connectPatient, type QueueOptions } from "./connection.ts";
import { DEAD_QUEUE } from "./queue-names.ts";

export interface ConsumerOptions<T> extends QueueOptions {
  readonly queueName: string;
  readonly schema: z.ZodType<T>;
  readonly concurrency: number;
  readonly lockDurationMs: number;
  readonly stalledIntervalMs: number;
  readonly handle: (payload: T, context: JobContext) => Promise<number>;
  readonly events: ConsumerEvents;
}

export interface JobContext {
  /** Aborts at the hard stop: return the work, it will be done elsewhere. */
  readonly signal: AbortSignal;
  /** How many processes died while they held this job. */
  readonly stalledCount: number;
}

/** What a consumer tells; none may throw. */
export interface ConsumerEvents {
  jobDead(event: { queue: string; jobId: string; reason: string }): void;
  jobRetried(event: { queue: string; jobId: string; attempt: number; error: Error }): void;
  jobStalled(event: { queue: string; jobId: string }): void;
}

export interface Consumer extends AsyncDisposable {
  readonly isConnected: boolean;
  /** Stops fetching, finishes what is in flight, and after `graceMs` gives the rest back to the queue. */
  stop(options: { graceMs: number }): Promise<void>;
}

/**
 * One BullMQ worker with everything that ours have in common: payloads parsed when received, dead letters with the
 * reason, unlimited patience with Redis, a stop in two stages. The handler runs where job locks are renewed, so it must never
 * compute for longer than half of `lockDurationMs`.
 */
export async function startConsumer<T>(options: ConsumerOptions<T>): Promise<Consumer> {
  const connection = connectPatient(options);
  const hardStop = new AbortController();
  const dead = new Queue(DEAD_QUEUE, { connection, prefix: options.prefix });
  dead.on("error", options.onError);
  const worker = new Worker<unknown, number>(
    options.queueName,
    async (job, token) => await process(job, token, { options, dead, signal: hardStop.signal }),
    {
      connection,
      prefix: options.prefix,
      concurrency: options.concurrency,
      lockDuration: options.lockDurationMs,
      stalledInterval: options.stalledIntervalMs,
      maxStalledCount: 1000,
      drainDelay: 2,
      runRetryDelay: 500,
      metrics: { maxDataPoints: 60 },
      settings: { backoffStrategy: (attempts) => backoffDelayMs(attempts) },
    },
  );
  listen(worker, { options, dead });
  await worker.waitUntilReady();
  const closeAll = async (graceMs: number): Promise<void> => {
    await closeInTwoStages({ worker, hardStop, graceMs });
    await dead.close();
    connection.disconnect();
  };
  let stopping: Promise<void> | null = null;
  const stop = async (graceMs: number): Promise<void> => {
    stopping ??= closeAll(graceMs);
    await stopping;
  };
  return {
    get isConnected() {
      return connection.status === "ready";
    },
    stop: async ({ graceMs }) => await stop(graceMs),
    [Symbol.asyncDispose]: async () => await stop(10_000),
  };
}

interface Parts<T> {
  readonly options: ConsumerOptions<T>;
  readonly dead: Queue;
  readonly signal: AbortSignal;
}

async function process<T>(
  job: Job<unknown, number>,
  token: string | undefined,
  { options, dead, signal }: Parts<T>,
): Promise<number> {
  const payload = options.schema.safeParse(job.data);
  if (!payload.success) {
    const reason = `payload does not parse: ${payload.error.message}`;
    await bury(dead, { options, job, reason });
    throw new UnrecoverableError(reason);
  }
  try {
    return await options.handle(payload.data, { signal, stalledCount: job.stalledCounter });
  } catch (error) {
    if (!signal.aborted) throw error;
    await job.moveToWait(token); // an interrupted job does not consume an attempt
    throw new WaitingError();
  }
}

function listen<T>(
  worker: Worker<unknown, number>,
  { options, dead }: { options: ConsumerOptions<T>; dead: Queue },
): void {
  const queue = options.queueName;
  worker.on("error", options.onError);
  worker.on("stalled", (jobId) => options.events.jobStalled({ queue, jobId }));
  worker.on("failed", (job, error) => {
    const jobId = job?.id ?? "unknown";
    if (error instanceof UnrecoverableError || job === undefined) return; // buried before
    const attempt = job.attemptsMade;
    options.events.jobRetried({ queue, jobId, attempt, error });
    if (attempt < (job.opts.attempts ?? 1)) return;
    bury(dead, { options, job, reason: error.message }).catch(options.onError);
  });
}

async function bury<T>(
  dead: Queue,
  { options, job, reason }: { options: ConsumerOptions<T>; job: Job; reason: string },
): Promise<void> {
  const queue = options.queueName;
  const jobId = job.id ?? "unknown";
  await dead.add(
    "dead",
    { v: 1, queue, jobId, reason, diedAtMs: Date.now(), payload: job.data },
    { ...DEAD_LETTER_OPTIONS, jobId: `d-${jobId}` },
  );
  options.events.jobDead({ queue, jobId, reason });
}

async function closeInTwoStages({
  worker,
  hardStop,
  graceMs,
}: {
  worker: Worker<unknown, number>;
  hardStop: AbortController;
  graceMs: number;
}): Promise<void> {
  const timer = setTimeout(() => hardStop.abort(new Error("hard stop")), graceMs);
  try {
    await worker.close();
  } finally {
    clearTimeout(timer);
  }
}
