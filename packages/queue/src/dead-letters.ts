import { Queue, type Job } from "bullmq";
import type { Redis } from "ioredis";
import type { QueueOptions } from "./connection.ts";
import { DEAD_QUEUE } from "./queue-names.ts";

/** Dead letters kept in Redis; beyond it the oldest goes, its log line and the journal remain. */
const MAX_DEAD_LETTERS = 10_000;
/** Longest reason in characters: a payload with many faults gives a long list of them. */
const MAX_REASON_CHARS = 2000;
/** Largest payload that is kept whole, in characters of JSON; of a larger one only the beginning is kept. */
const MAX_PAYLOAD_CHARS = 1 << 20;

/** What is kept of a job that nobody can do. For people; no program of ours reads it back. */
export interface DeadLetter {
  readonly v: 1;
  readonly queue: string;
  readonly jobId: string;
  readonly reason: string;
  /** Unix time in milliseconds. */
  readonly diedAtMs: number;
  readonly payload: unknown;
  /** True when `payload` is only the beginning of the JSON text. */
  readonly isTruncated: boolean;
}

/** Where jobs end that do not parse or ran out of attempts. Never grows beyond its limit. */
export class DeadLetters implements AsyncDisposable {
  readonly #queue: Queue<DeadLetter>;
  readonly #maxLetters: number;

  constructor(
    { prefix, onError }: QueueOptions,
    { connection, maxLetters = MAX_DEAD_LETTERS }: { connection: Redis; maxLetters?: number },
  ) {
    this.#queue = new Queue(DEAD_QUEUE, { connection, prefix });
    this.#queue.on("error", onError);
    this.#maxLetters = maxLetters;
  }

  /** Keeps one letter per job and queue; dying again under the same id adds nothing. Gives back the reason as kept. */
  async bury(queue: string, job: Job, why: string): Promise<string> {
    const jobId = job.id ?? "unknown";
    const reason = why.slice(0, MAX_REASON_CHARS);
    await this.#queue.add(
      "dead",
      { v: 1, queue, jobId, reason, diedAtMs: Date.now(), ...boundPayload(job.data) },
      {
        jobId: `d-${queue.replaceAll(/[{}]/gu, "")}-${jobId}`,
        sizeLimit: 2 * MAX_PAYLOAD_CHARS * BYTES_PER_CHAR,
      },
    );
    const excess = (await this.#queue.getWaitingCount()) - this.#maxLetters;
    if (excess > 0) await this.#queue.clean(0, excess, "wait");
    return reason;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue.close();
  }
}

/** Most bytes that one character of a JavaScript string takes in UTF-8. */
const BYTES_PER_CHAR = 3;

function boundPayload(payload: unknown): Pick<DeadLetter, "payload" | "isTruncated"> {
  const text = JSON.stringify(payload) ?? "";
  if (text.length <= MAX_PAYLOAD_CHARS) return { payload, isTruncated: false };
  return { payload: text.slice(0, MAX_PAYLOAD_CHARS), isTruncated: true };
}
