import { setImmediate as nextTurn } from "node:timers/promises";
import type { SourceName } from "@sluice/contracts";
import type {
  Clock,
  DecidedRound,
  Intake,
  Journal,
  Sighting,
  VersionedPath,
} from "@sluice/sources";
import { headObject } from "../client/head-object.ts";
import type { Bucket } from "../client/open-bucket.ts";
import type { KeyRule } from "./key-rule.ts";
import { pagesOfObjects, pagesOfVersions } from "./listing/bucket-pages.ts";
import { KeyFilter } from "./listing/key-filter.ts";
import type { ListedPage, PageSource } from "./listing/listed-page.ts";
import { listInParallel, type OwnPage } from "./listing/parallel-listing.ts";
import type { RequestGate } from "./listing/request-gate.ts";
import type { LookOrder, PageLook } from "./look-order.ts";
import { toSighting } from "./object-looks.ts";
import type { ListedEvent, SkippedKey } from "./s3-events.ts";
import { toObjectRef } from "./to-object-ref.ts";
import type { VersionKind, VersionMode } from "./version-mode.ts";

export interface BucketListingOptions {
  readonly source: SourceName;
  readonly bucket: Bucket;
  readonly mode: VersionMode;
  readonly rule: KeyRule;
  readonly gate: RequestGate;
  readonly order: LookOrder;
  readonly round: DecidedRound;
  readonly intake: Pick<Intake, "offer">;
  readonly journal: Pick<Journal, "counts" | "forget">;
  readonly clock: Clock;
  /** Asks what lies under a key that a page and a look told different things of. */
  readonly lookAgain: (key: string) => void;
}

export interface ListingRequest {
  readonly prefix: string;
  /** Only keys behind this one; null: all. */
  readonly after: string | null;
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** Told of the keys of every page. */
  readonly onKeys: (keys: readonly string[]) => void;
}

/** What a listing found, without whose and how much of it. */
export type ListingReport = Pick<ListedEvent, "objects" | "skipped" | "forgotten">;

interface Tally {
  objects: number;
  readonly skipped: Record<SkippedKey, number>;
}

/** Decided rows looked at per full listing, and together. */
const FORGET_CHECKS = 100_000;
const FORGET_PAGE = 256;
/** Requests per full listing that make sure that an object is gone. */
const FORGET_LOOKS = 2000;

/** Compares a bucket, or what is new in it, with the journal. Holds a few pages in memory, however much the bucket holds. */
export class BucketListing {
  readonly #options: BucketListingOptions;

  constructor(options: BucketListingOptions) {
    this.#options = options;
  }

  /** Everything; also forgets rows of objects that are gone. @throws S3Error, ListingUnorderedError */
  async listAll(request: ListingRequest): Promise<ListingReport> {
    const { mode, journal, source, clock } = this.#options;
    const kind = await mode.refresh(request.signal);
    const { decided } = journal.counts(source);
    // Twice as many as there are rows to check, because what is new is listed, too.
    const told = decided === 0 ? null : new KeyFilter(2 * decided, clock.nowMs() | 0);
    const tally = await this.#list(request, kind, told);
    const forgotten = told === null ? 0 : await this.#forgetVanished(told, request.signal);
    return { ...tally, forgotten };
  }

  /** What lies behind a key. @throws S3Error, ListingUnorderedError */
  async listRecent(request: ListingRequest): Promise<ListingReport> {
    const kind = await this.#options.mode.get(request.signal);
    return { ...(await this.#list(request, kind, null)), forgotten: 0 };
  }

  async #list(request: ListingRequest, kind: VersionKind, told: KeyFilter | null): Promise<Tally> {
    const { bucket, gate, order } = this.#options;
    const tally: Tally = {
      objects: 0,
      skipped: { "folder-marker": 0, ignored: 0, "no-text": 0 },
    };
    const pages = kind === "ids" ? pagesOfVersions(bucket) : pagesOfObjects(bucket);
    const looks = new Map<ListedPage, PageLook>();
    const patient: PageSource = {
      folders: async (asked) =>
        await gate.send(async () => await pages.folders(asked), asked.signal),
      async list(asked) {
        const look = order.beginPage();
        try {
          const page = await gate.send(async () => await pages.list(asked), asked.signal);
          looks.set(page, look);
          return page;
        } catch (error) {
          order.endPage(look);
          throw error;
        }
      },
    };
    try {
      await listInParallel({
        ...request,
        pages: patient,
        onPage: (own) => {
          const keys = own.objects.map(({ key }) => key);
          const look = looks.get(own.page);
          const crossed = look === undefined ? new Set<string>() : order.endPage(look, keys);
          looks.delete(own.page);
          request.onKeys(keys);
          this.#take(own, { kind, told, tally, crossed });
        },
      });
    } finally {
      for (const look of looks.values()) order.endPage(look); // pages that came when others had failed
    }
    return tally;
  }

  #take({ page, objects }: OwnPage, { kind, told, tally, crossed }: TakeOptions): void {
    const { bucket, rule, intake, lookAgain } = this.#options;
    tally.skipped["no-text"] += page.unreadable;
    const found: Sighting[] = [];
    for (const object of objects) {
      const ref = toObjectRef(bucket, object, kind);
      if (ref === null) continue; // a server that lists more than it was asked for
      told?.add(ref.path);
      const skipped = rule(object.key, object.sizeBytes);
      if (skipped !== null) tally.skipped[skipped] += 1;
      else if (crossed.has(object.key)) lookAgain(object.key);
      else found.push(toSighting(ref, object));
    }
    tally.objects += found.length;
    if (found.length > 0) intake.offer(found);
  }

  /** Removes decided rows whose objects are gone; otherwise the journal would hold every upload that there ever was. */
  async #forgetVanished(told: KeyFilter, signal: AbortSignal): Promise<number> {
    const { source, journal, round } = this.#options;
    let forgotten = 0;
    let looks = 0;
    for (let checked = 0; checked < FORGET_CHECKS; checked += FORGET_PAGE) {
      const page = round.next(FORGET_PAGE);
      const suspects = page.filter(({ path }) => !told.has(path)).slice(0, FORGET_LOOKS - looks);
      looks += suspects.length;
      const gone = await this.#confirmGone(suspects, signal);
      if (gone.length > 0) forgotten += journal.forget(source, gone);
      if (page.length < FORGET_PAGE || looks >= FORGET_LOOKS) break;
      await nextTurn(undefined, { signal });
    }
    return forgotten;
  }

  /** A listing may have begun before an object came back, and some servers tell late of what is new. */
  async #confirmGone(
    suspects: readonly VersionedPath[],
    signal: AbortSignal,
  ): Promise<readonly VersionedPath[]> {
    const { bucket, gate } = this.#options;
    const isGone = await Promise.all(
      suspects.map(async ({ path }) => {
        const key = bucket.keyOf(path);
        if (key === null) return true; // what has no key cannot be there
        const look = async () => await headObject(bucket, key, null, signal);
        return (await gate.send(look, signal)) === null;
      }),
    );
    return suspects.filter((_, at) => isGone[at]);
  }
}

interface TakeOptions {
  readonly kind: VersionKind;
  /** Null: nobody asks afterwards what was listed. */
  readonly told: KeyFilter | null;
  readonly tally: Tally;
  /** Keys that were looked at while the page was under way. */
  readonly crossed: ReadonlySet<string>;
}
