import { setTimeout as delay } from "node:timers/promises";
import { sourceNameSchema, type ObjectRef } from "@sluice/contracts";
import { Intake, MemoryJournal, type Clock } from "@sluice/sources";
import type { BucketSettings } from "../../client/bucket-settings.ts";
import type { Bucket } from "../../client/open-bucket.ts";
import { startFakeSite, type FakeSite } from "../../testing/test-bucket.ts";
import type { ListedEvent, S3Events } from "../s3-events.ts";
import { S3Source, type S3SourceOptions } from "../s3-source.ts";

export const uploads = sourceNameSchema.parse("uploads");

/** Real time, for tests with a real server. */
export const realClock: Clock = {
  nowMs: () => Date.now(),
  schedule(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

const HASTE = 100;

/** Time that goes by a hundred times as fast. */
export const hastyClock: Clock = {
  nowMs: () => Date.now() * HASTE,
  schedule: (delayMs, callback) => realClock.schedule(delayMs / HASTE, callback),
};

/** Longest wait for a fact before a test gives up. */
const PATIENCE_MS = 20_000;

export type Told = { readonly [Name in keyof S3Events]: Parameters<S3Events[Name]>[0][] };

function nothingTold(): Told {
  return {
    bucketListed: [],
    bucketUnavailable: [],
    requestRepeated: [],
    versioningUnknown: [],
    listingUnordered: [],
    eventTaken: [],
    subscriptionAsked: [],
    feedFailed: [],
    feedRecovered: [],
    webhookListening: [],
  };
}

/** A bucket of a fake server with a source on it, and what they did. */
export class S3Harness implements AsyncDisposable {
  readonly site: FakeSite;
  readonly journal = new MemoryJournal();
  /** Every event so far. */
  readonly told: Told = nothingTold();
  readonly failures: unknown[] = [];
  readonly bucket: Bucket;
  #source: S3Source | null = null;

  private constructor(site: FakeSite) {
    this.site = site;
    this.bucket = site.bucket;
  }

  static async make(settings: Partial<BucketSettings> = {}): Promise<S3Harness> {
    return new S3Harness(await startFakeSite(settings));
  }

  get source(): S3Source {
    if (this.#source === null) throw new Error("not started");
    return this.#source;
  }

  /** Starts a source on the bucket and the journal, as after a restart when there was one before. */
  async start(change: Partial<S3SourceOptions> = {}): Promise<void> {
    await this.#source?.stop();
    const { journal, bucket } = this;
    const intake = new Intake({
      source: uploads,
      settleMs: 0,
      maxSettling: 1000,
      journal,
      clock: realClock,
      events: { objectsFound: () => undefined, settlingOverflowed: () => undefined },
      onSeen: () => undefined,
    });
    this.#source = new S3Source({
      source: uploads,
      bucket,
      ignore: ["**/*.part"],
      include: [],
      reconcileEveryMs: 6_000_000,
      timeOrderedPrefixes: [],
      lookBackKeys: 10,
      fullListingEveryMs: 6_000_000,
      concurrency: 4,
      versions: "auto",
      intake,
      journal,
      clock: hastyClock,
      events: this.recorder(),
      openFeeds: () => [],
      onFailed: (error) => this.failures.push(error),
      ...change,
    });
    await this.#source.start();
  }

  recorder(): S3Events {
    const { told } = this;
    return {
      bucketListed: (event) => void told.bucketListed.push(event),
      bucketUnavailable: (event) => void told.bucketUnavailable.push(event),
      requestRepeated: (event) => void told.requestRepeated.push(event),
      versioningUnknown: (event) => void told.versioningUnknown.push(event),
      listingUnordered: (event) => void told.listingUnordered.push(event),
      eventTaken: (event) => void told.eventTaken.push(event),
      subscriptionAsked: (event) => void told.subscriptionAsked.push(event),
      feedFailed: (event) => void told.feedFailed.push(event),
      feedRecovered: (event) => void told.feedRecovered.push(event),
      webhookListening: (event) => void told.webhookListening.push(event),
    };
  }

  put(key: string, content = "content"): void {
    this.site.fake.bucket(this.bucket.settings.bucket).put(key, { bytes: Buffer.from(content) });
  }

  remove(key: string): void {
    this.site.fake.bucket(this.bucket.settings.bucket).delete(key, null);
  }

  async until(fact: () => boolean, what: string): Promise<void> {
    const deadlineMs = Date.now() + PATIENCE_MS;
    while (!fact()) {
      if (Date.now() > deadlineMs) {
        throw new Error(`waited in vain: ${what}; ${JSON.stringify(this.told)}`);
      }
      await delay(5);
    }
  }

  /** The next listing that ends from now on. */
  async untilListed(): Promise<ListedEvent> {
    const before = this.told.bucketListed.length;
    await this.until(() => this.told.bucketListed.length > before, "a listing");
    const listed = this.told.bucketListed.at(-1);
    if (listed === undefined) throw new Error("not listed");
    return listed;
  }

  /** Starts and waits for the first listing. */
  async list(change: Partial<S3SourceOptions> = {}): Promise<ListedEvent> {
    const listed = this.untilListed();
    await this.start(change);
    return await listed;
  }

  get outcomes(): string[] {
    return this.told.eventTaken.map(({ outcome }) => outcome);
  }

  /** Every object that was noted and not handed over yet. */
  get seen(): readonly ObjectRef[] {
    return this.journal.nextSeen(uploads, 1_000_000);
  }

  get found(): string[] {
    return this.seen.map(({ path }) => path).toSorted();
  }

  /** As moderation does. */
  decideAll(): void {
    this.journal.decide(uploads, this.seen);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source?.stop();
    await this.site[Symbol.asyncDispose]();
    if (this.failures.length > 0) throw new AggregateError(this.failures, "the source failed");
  }
}
