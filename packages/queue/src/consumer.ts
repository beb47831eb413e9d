import { UnrecoverableError, WaitingError, Worker, type Job } from "bullmq";
import type { Redis } from "ioredis";
import type { z } from "zod";
import { connectPatient, type QueueOptions } from "./connection.ts";
import { DeadLetters } from "./dead-letters.ts";
import { ConsumerStopError } from "./errors.ts";
import { backoffDelayMs } from "./job-options.ts";

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
  /** False while Redis is away and from the first call of `stop` on. */
  readonly isConnected: boolean;
  /**
   * Stops fetching, finishes what is in flight, and after `graceMs` gives the rest back to the queue. Returns at the latest
   * two seconds later, also when Redis is away; jobs that could not be given back run elsewhere when their locks expire.
   */
  stop(options: { graceMs: number }): Promise<void>;
}

/** Grace of a consumer that is disposed of instead of stopped. */
const DISPOSE_GRACE_MS = 10_000;
/** Time that handlers and Redis have to give jobs back after the hard stop. */
const GIVE_BACK_MS = 2000;
/** How often a job may stall; without end, because what stalls is looked at by our own `{suspect}` queue. */
const MAX_STALLED_COUNT = 1_000_000;

/**
 * One BullMQ worker with everything that ours have in common: payloads parsed when received, dead letters with the
 * reason, unlimited patience with Redis, a stop in two stages. The handler runs where job locks are renewed, so it must never
 * compute for longer than half of `lockDurationMs`.
 */
export async function startConsumer<T>(options: ConsumerOptions<T>): Promise<Consumer> {
  const connection = connectPatient(options);
  const hardStop = new AbortController();
  const abandon = new AbortController();
  const dead = new DeadLetters(options, { connection });
  const parts = { options, dead, hardStop: hardStop.signal, abandon: abandon.signal };
  const worker = createWorker(options, {
    connection,
    run: async (job, token) => await runJob(job, token, parts),
  });
  await worker.waitUntilReady();
  let stopping: Promise<void> | null = null;
  const stopOnce = async (graceMs: number): Promise<void> => {
    const closed = worker.close();
    const isComplete = await closedInTwoStages({ closed, hardStop, graceMs });
    connection.close();
    if (!isComplete) await leaveTheRest({ closed, abandon, options });
    await dead[Symbol.asyncDispose]();
  };
  const stop = async (graceMs: number): Promise<void> => await (stopping ??= stopOnce(graceMs));
  return {
    get isConnected() {
      return stopping === null && connection.status === "ready";
    },
    stop: async ({ graceMs }) => await stop(graceMs),
    [Symbol.asyncDispose]: async () => await stop(DISPOSE_GRACE_MS),
  };
}

type RunJob = (job: Job<unknown, number>, token: string | undefined) => Promise<number>;

function createWorker<T>(
  options: ConsumerOptions<T>,
  { connection, run }: { connection: Redis; run: RunJob },
): Worker<unknown, number> {
  const queue = options.queueName;
  const worker = new Worker<unknown, number>(queue, run, {
    connection,
    prefix: options.prefix,
    concurrency: options.concurrency,
    lockDuration: options.lockDurationMs,
    stalledInterval: options.stalledIntervalMs,
    maxStalledCount: MAX_STALLED_COUNT,
    drainDelay: 2,
    runRetryDelay: 500,
    metrics: { maxDataPoints: 60 },
    // Jobs of ours say so themselves; this holds for those that others added, which would stay for ever.
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
    settings: { backoffStrategy: (attempts) => backoffDelayMs(attempts) },
  });
  worker.on("error", options.onError);
  worker.on("stalled", (jobId) => options.events.jobStalled({ queue, jobId }));
  worker.on("failed", (job, error) => {
    if (job === undefined || error instanceof UnrecoverableError) return; // a dead letter by now
    const jobId = job.id ?? "unknown";
    options.events.jobRetried({ queue, jobId, attempt: job.attemptsMade, error });
  });
  return worker;
}

interface Parts<T> {
  readonly options: ConsumerOptions<T>;
  readonly dead: DeadLetters;
  /** What handlers are told. */
  readonly hardStop: AbortSignal;
  /** Aborts when even the hard stop did not help: nobody waits for handlers any longer. */
  readonly abandon: AbortSignal;
}

async function runJob<T>(
  job: Job<unknown, number>,
  token: string | undefined,
  parts: Parts<T>,
): Promise<number> {
  const { options, hardStop, abandon } = parts;
  const payload = options.schema.safeParse(job.data);
  if (!payload.success) {
    return await die(job, parts, new Error(`payload does not parse: ${payload.error.message}`));
  }
  try {
    const context = { signal: hardStop, stalledCount: job.stalledCounter };
    return await unlessAborted(abandon, options.handle(payload.data, context));
  } catch (error) {
    if (hardStop.aborted) {
      await job.moveToWait(token); // an interrupted job does not consume an attempt
      throw new WaitingError();
    }
    const isLastAttempt = job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
    if (isLastAttempt) return await die(job, parts, error);
    throw error;
  }
}

/** The letter is written before the job is removed, so that a crash between the two leaves both, never neither. */
async function die<T>(
  job: Job<unknown, number>,
  { options, dead }: Parts<T>,
  cause: unknown,
): Promise<never> {
  const why = cause instanceof Error ? cause.message : String(cause);
  const reason = await dead.bury(options.queueName, job, why);
  options.events.jobDead({ queue: options.queueName, jobId: job.id ?? "unknown", reason });
  throw new UnrecoverableError(reason);
}

/** Rejects as soon as the signal aborts, whatever the work does. */
async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** Waits for the jobs in flight, aborts them after the grace, and says whether all could be given back. */
async function closedInTwoStages({
  closed,
  hardStop,
  graceMs,
}: {
  closed: Promise<void>;
  hardStop: AbortController;
  graceMs: number;
}): Promise<boolean> {
  const { promise: deadline, resolve: giveUp } = Promise.withResolvers<false>();
  const timers = [
    setTimeout(() => hardStop.abort(new Error("hard stop")), graceMs),
    setTimeout(() => giveUp(false), graceMs + GIVE_BACK_MS),
  ];
  try {
    return await Promise.race([closed.then(() => true), deadline]);
  } finally {
    for (const timer of timers) clearTimeout(timer);
  }
}

/**
 * Ends what waits for Redis or for a deaf handler. The connection is closed by now, so that no job goes back to the queue while
 * its handler may still run here: others take it when its lock expires, which is after this process is gone.
 */
async function leaveTheRest<T>({
  closed,
  abandon,
  options,
}: {
  closed: Promise<void>;
  abandon: AbortController;
  options: ConsumerOptions<T>;
}): Promise<void> {
  options.onError(
    new ConsumerStopError(
      `${options.queueName}: stopped, but jobs in flight could not be given back; they run elsewhere when their locks expire`,
    ),
  );
  abandon.abort(new Error("abandoned"));
  await closed;
}
