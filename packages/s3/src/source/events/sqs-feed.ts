import {
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SQSClient,
  type Message,
} from "@aws-sdk/client-sqs";
import type { SourceName } from "@sluice/contracts";
import type { Clock } from "@sluice/sources";
import type { Credentials } from "../../client/open-bucket.ts";
import { pause } from "../pause.ts";
import { isS3Failure } from "../../client/is-s3-failure.ts";
import type { S3Events } from "../s3-events.ts";
import type { EventDesk } from "./event-desk.ts";
import type { EventFeed } from "./event-feed.ts";

export interface SqsSettings {
  readonly queueUrl: string;
  /** Null: as the queue's address or the environment says. */
  readonly region: string | null;
  /** Of the shared credentials file; null: the usual chain decides. */
  readonly profile: string | null;
  /** Receivers at a time. */
  readonly receivers: number;
  /** How long a receiver waits for messages, at most 20 s. */
  readonly waitMs: number;
  /** How long a message that was received stays hidden from others; it has to be dealt with until then. */
  readonly visibilityMs: number;
}

export interface SqsFeedOptions {
  readonly source: SourceName;
  readonly settings: SqsSettings;
  readonly desk: EventDesk;
  readonly clock: Clock;
  readonly events: Pick<S3Events, "eventTaken" | "feedFailed" | "feedRecovered">;
  readonly credentials?: Credentials;
  /** Told once when it cannot go on: a bug, or a journal that cannot be written. */
  readonly onFailed: (error: unknown) => void;
}

/** The region in the host of a queue's address. */
const AMAZON = /^sqs\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/u;
const MAX_MESSAGES = 10;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 60_000;

/**
 * Polls a queue of notifications. A message is deleted when the journal has what it told of, and not before; what cannot be understood is left
 * to the queue, whose own redrive policy takes it away.
 */
export class SqsFeed implements EventFeed {
  readonly #options: SqsFeedOptions;
  readonly #client: SQSClient;
  readonly #ended = new AbortController();
  #receivers: Promise<unknown> = Promise.resolve();
  #failure: string | null = null;

  constructor(options: SqsFeedOptions) {
    const { queueUrl, region, profile } = options.settings;
    const { origin: endpoint, hostname } = new URL(queueUrl);
    // Other servers know no regions, but a signature needs one.
    const others = hostname.endsWith(".amazonaws.com") ? null : "us-east-1";
    const signedFor = region ?? AMAZON.exec(hostname)?.[1] ?? others;
    this.#options = options;
    this.#client = new SQSClient({
      endpoint,
      ...(signedFor !== null && { region: signedFor }),
      ...(profile !== null && { profile }),
      ...(options.credentials !== undefined && { credentials: options.credentials }),
    });
  }

  get failure(): string | null {
    return this.#failure;
  }

  async start(): Promise<void> {
    const receive = async (): Promise<void> => await this.#receiveAll();
    this.#receivers = Promise.all(
      Array.from({ length: this.#options.settings.receivers }, receive),
    );
    return await Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.#receivers;
    this.#client.destroy();
  }

  async #receiveAll(): Promise<void> {
    const { signal } = this.#ended;
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.#receive();
        failures = 0;
        this.#noteAnswer();
      } catch (error) {
        if (signal.aborted) return;
        if (!isSqsFailure(error)) return this.#options.onFailed(error);
        const retryInMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
        failures += 1;
        this.#noteFailure(error, retryInMs);
        await pause(this.#options.clock, retryInMs, signal);
      }
    }
  }

  async #receive(): Promise<void> {
    const { queueUrl, waitMs, visibilityMs } = this.#options.settings;
    const command = new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: MAX_MESSAGES,
      WaitTimeSeconds: Math.floor(waitMs / 1000),
      VisibilityTimeout: Math.floor(visibilityMs / 1000),
    });
    const { signal: abortSignal } = this.#ended;
    const { Messages: messages = [] } = await this.#client.send(command, { abortSignal });
    const isDone = await Promise.all(messages.map(async (message) => await this.#take(message)));
    await this.#delete(messages.filter((_, at) => isDone[at]));
  }

  /** Whether it may be deleted. */
  async #take({ Body: text = "" }: Message): Promise<boolean> {
    const { desk, source, events } = this.#options;
    try {
      return (await desk.take("sqs", text)) === "done";
    } catch (error) {
      if (!isS3Failure(error) && !this.#ended.signal.aborted) throw error;
      events.eventTaken({ source, feed: "sqs", outcome: "failed" });
      return false; // it becomes visible again
    }
  }

  /** Some may not be deleted; they come again, and do no harm. */
  async #delete(messages: readonly Message[]): Promise<void> {
    if (messages.length === 0) return;
    const { queueUrl } = this.#options.settings;
    const entries = messages.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }));
    await this.#client.send(
      new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }),
    );
  }

  #noteAnswer(): void {
    if (this.#failure !== null) {
      this.#options.events.feedRecovered({ source: this.#options.source, feed: "sqs" });
    }
    this.#failure = null;
  }

  #noteFailure(error: Error, retryInMs: number): void {
    this.#failure = `the queue does not answer (${error.name})`;
    this.#options.events.feedFailed({
      source: this.#options.source,
      feed: "sqs",
      error,
      retryInMs,
    });
  }
}

/** What the service, the network or the credentials are to blame for; the library gives all of these a name and none a class. */
function isSqsFailure(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if ("$metadata" in error || "$fault" in error) return true;
  if ("code" in error && typeof error.code === "string") return /^E[A-Z]+$/u.test(error.code);
  return ["TimeoutError", "CredentialsProviderError", "TokenProviderError"].includes(error.name);
}
