import type { SourceName } from "@sluice/contracts";
import {
  DecidedRound,
  ReconcileSchedule,
  Sleeper,
  type Clock,
  type Intake,
  type Journal,
} from "@sluice/sources";
import type { Bucket } from "../client/open-bucket.ts";
import { S3UnavailableError } from "../client/s3-errors.ts";
import { BucketListing, type ListingReport, type ListingRequest } from "./bucket-listing.ts";
import { EventDesk } from "./events/event-desk.ts";
import type { EventFeed } from "./events/event-feed.ts";
import { compileKeyRule } from "./key-rule.ts";
import { NewestKeys } from "./listing/newest-keys.ts";
import { ListingUnorderedError } from "./listing/parallel-listing.ts";
import { RequestGate } from "./listing/request-gate.ts";
import { LookOrder } from "./look-order.ts";
import { ObjectLooks } from "./object-looks.ts";
import type { S3Events } from "./s3-events.ts";
import { isS3Failure } from "../client/is-s3-failure.ts";
import { VersionMode } from "./version-mode.ts";

export interface S3SourceOptions {
  readonly source: SourceName;
  readonly bucket: Bucket;
  /** Patterns of keys below the prefix that are no uploads. */
  readonly ignore: readonly string[];
  /** Patterns of which uploads match one; none: all are. */
  readonly include: readonly string[];
  /** Milliseconds between two listings. Too low: requests cost money; too high: what no event told of waits that long. */
  readonly reconcileEveryMs: number;
  /** Prefixes, below the bucket's own, under which names grow with time; between full listings only their ends are listed. */
  readonly timeOrderedPrefixes: readonly string[];
  /** Keys before the last one that are listed again. */
  readonly lookBackKeys: number;
  /** Milliseconds between two full listings where there are time-ordered prefixes. */
  readonly fullListingEveryMs: number;
  /** Requests at a time. */
  readonly concurrency: number;
  readonly versions: "auto" | "on" | "off";
  readonly intake: Intake;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly events: S3Events;
  /** Makes what brings events to the desk; none: only the listing finds objects. */
  readonly openFeeds: (desk: EventDesk) => readonly EventFeed[];
  /** Told once when the source cannot go on: a bug, or a journal that cannot be read or written. */
  readonly onFailed: (error: unknown) => void;
}

export interface S3Status {
  /** When the last listing ended, null before the first full one. */
  readonly listedAtMs: number | null;
  /** When the last full one did. */
  readonly fullyListedAtMs: number | null;
  /** Why the bucket could not be listed when that was last tried; null: it could. */
  readonly failure: string | null;
  /** Why events do not come; null: they do, or none are expected. */
  readonly feedFailure: string | null;
}

/** Longest pause before a bucket that could not be listed is tried again. */
const LAST_RETRY_MS = 60_000;

/**
 * Finds the objects of a bucket. A listing, at start and regularly, is compared with the journal; events, if there are any, only make
 * that it is sooner looked at what they tell of.
 *
 *     stopped ──start: feeds, then the first listing──▶ running ──stop──▶ stopped
 */
export class S3Source implements AsyncDisposable {
  readonly #options: S3SourceOptions;
  readonly #listing: BucketListing;
  readonly #looks: ObjectLooks;
  readonly #schedule: ReconcileSchedule;
  readonly #sleeper: Sleeper;
  readonly #ended = new AbortController();
  readonly #feeds: readonly EventFeed[];
  /** Looks that nobody awaits, so that a stop can. */
  readonly #background = new Set<Promise<unknown>>();
  readonly #newest: ReadonlyMap<string, NewestKeys>;
  #running: Promise<void> | null = null;
  /** False once the server has shown an order of its own. */
  #isOrdered = true;
  #listedAtMs: number | null = null;
  #fullyListedAtMs: number | null = null;
  #failure: string | null = null;

  constructor(options: S3SourceOptions) {
    const { source, bucket, versions, clock, events, journal } = options;
    const { prefix, bucket: bucketName } = bucket.settings;
    this.#options = options;
    const mode = new VersionMode({
      bucket,
      versions,
      onUnknown: (error) => events.versioningUnknown({ source, error }),
    });
    const rule = compileKeyRule({ ...options, prefix });
    const onRetry = (error: Error): void => events.requestRepeated({ source, error });
    const gate = new RequestGate({ width: options.concurrency, clock, onRetry });
    // Of its own, so that looks need not wait behind a long listing.
    const lookGate = new RequestGate({ width: options.concurrency, clock, onRetry });
    const order = new LookOrder();
    const { signal } = this.#ended;
    this.#looks = new ObjectLooks({ ...options, mode, rule, gate: lookGate, order, signal });
    this.#listing = new BucketListing({
      ...options,
      mode,
      rule,
      gate,
      order,
      round: new DecidedRound(source, journal),
      lookAgain: (key) => this.#lookAgain(key),
    });
    this.#schedule = new ReconcileSchedule(options.reconcileEveryMs, clock.nowMs(), LAST_RETRY_MS);
    this.#sleeper = new Sleeper(clock);
    const look = async (key: string) => await this.#looks.look(key);
    this.#feeds = options.openFeeds(new EventDesk({ source, bucketName, prefix, look, events }));
    this.#newest = new Map(
      options.timeOrderedPrefixes.map((p) => [prefix + p, new NewestKeys(options.lookBackKeys)]),
    );
  }

  get status(): S3Status {
    return {
      listedAtMs: this.#listedAtMs,
      fullyListedAtMs: this.#fullyListedAtMs,
      failure: this.#failure,
      feedFailure: this.#feeds.find(({ failure }) => failure !== null)?.failure ?? null,
    };
  }

  /** Returns when events are taken; the first listing is then under way. @throws WebhookListenError */
  async start(): Promise<void> {
    if (this.#running !== null) return;
    for (const feed of this.#feeds) await feed.start();
    this.#running = this.#run();
  }

  /** Returns when nothing is asked of the bucket any more. May be called twice, or without a start; not to be started again. */
  async stop(): Promise<void> {
    const feedsEnded = this.#feeds.map(async (feed) => await feed[Symbol.asyncDispose]());
    // To whoever waits for a look it is as if the bucket did not answer: events that were not dealt with come again.
    const { bucket } = this.#options.bucket.settings;
    this.#ended.abort(new S3UnavailableError({ action: "GetObject", bucket }, "the source stops"));
    this.#sleeper.wake();
    await Promise.all(feedsEnded);
    await this.#running;
    await Promise.all(this.#background);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #run(): Promise<void> {
    const { clock, onFailed } = this.#options;
    try {
      while (!this.#ended.signal.aborted) {
        this.#sleeper.startRound();
        if (clock.nowMs() >= this.#schedule.dueAtMs) await this.#reconcile();
        else await this.#sleeper.sleep(this.#schedule.dueAtMs);
      }
    } catch (error) {
      onFailed(error);
    }
  }

  async #reconcile(): Promise<void> {
    const { source, clock, events } = this.#options;
    this.#schedule.begin();
    try {
      await this.#list();
      this.#failure = null;
      this.#schedule.end(clock.nowMs(), { isDone: true });
    } catch (error) {
      if (this.#ended.signal.aborted) return;
      const nowMs = clock.nowMs();
      this.#schedule.end(nowMs, { isDone: false });
      if (error instanceof ListingUnorderedError) {
        this.#isOrdered = false;
        events.listingUnordered({ source });
        this.#schedule.want(nowMs);
        return;
      }
      if (!isS3Failure(error)) throw error;
      this.#failure = error.message;
      const retryInMs = this.#schedule.dueAtMs - nowMs;
      events.bucketUnavailable({ source, error, retryInMs });
    }
  }

  async #list(): Promise<void> {
    const { source, clock, events } = this.#options;
    const startedAtMs = clock.nowMs();
    const isFull = this.#isFullDue(startedAtMs);
    const report = isFull ? await this.#listAll() : await this.#listRecent();
    const nowMs = clock.nowMs();
    this.#listedAtMs = nowMs;
    if (isFull) this.#fullyListedAtMs = nowMs;
    const durationMs = nowMs - startedAtMs;
    events.bucketListed({ source, extent: isFull ? "full" : "recent", ...report, durationMs });
  }

  #isFullDue(nowMs: number): boolean {
    if (this.#newest.size === 0 || !this.#isOrdered || this.#fullyListedAtMs === null) return true;
    return nowMs - this.#fullyListedAtMs >= this.#options.fullListingEveryMs;
  }

  async #listAll(): Promise<ListingReport> {
    const { prefix } = this.#options.bucket.settings;
    const onKeys = (keys: readonly string[]): void => {
      for (const [below, newest] of this.#newest) {
        newest.add(below === "" ? keys : keys.filter((key) => key.startsWith(below)));
      }
    };
    return await this.#listing.listAll(this.#request({ prefix, after: null, onKeys }));
  }

  async #listRecent(): Promise<ListingReport> {
    const sum = { objects: 0, skipped: { "folder-marker": 0, ignored: 0, "no-text": 0 } };
    for (const [prefix, newest] of this.#newest) {
      const onKeys = (keys: readonly string[]): void => newest.add(keys);
      const request = this.#request({ prefix, after: newest.after, onKeys });
      const { objects, skipped } = await this.#listing.listRecent(request);
      sum.objects += objects;
      sum.skipped["folder-marker"] += skipped["folder-marker"];
      sum.skipped.ignored += skipped.ignored;
      sum.skipped["no-text"] += skipped["no-text"];
    }
    return { ...sum, forgotten: 0 };
  }

  #request(of: Pick<ListingRequest, "prefix" | "after" | "onKeys">): ListingRequest {
    const concurrency = this.#isOrdered ? this.#options.concurrency : 1;
    return { ...of, concurrency, signal: this.#ended.signal };
  }

  #lookAgain(key: string): void {
    const look = this.#looks
      .look(key)
      .catch((error: unknown) => {
        if (this.#ended.signal.aborted) return;
        // The next listing tells of the key again.
        if (isS3Failure(error)) this.#schedule.want(this.#options.clock.nowMs(), LAST_RETRY_MS);
        else this.#options.onFailed(error);
      })
      .finally(() => this.#background.delete(look));
    this.#background.add(look);
  }
}
