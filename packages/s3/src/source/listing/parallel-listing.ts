import { compareKeys, keyBetween } from "./key-order.ts";
import type { ListedObject, ListedPage, PageSource, PageToken } from "./listed-page.ts";

export interface ParallelListingOptions {
  readonly pages: PageSource;
  readonly prefix: string;
  /** Only keys behind this one; null: all below the prefix. */
  readonly after: string | null;
  /** Requests at a time. 1: page after page by the server's own tokens, which needs no order of keys. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** Called with what every page told as it comes, in no order of pages. */
  readonly onPage: (page: OwnPage) => void;
}

/** The part of a page that no other one tells of. */
export interface OwnPage {
  /** The page itself, as it came. */
  readonly page: ListedPage;
  readonly objects: readonly ListedObject[];
}

/**
 * Thrown when keys do not come in the order of their bytes, or not behind the key that was asked for. Then only a listing of one request
 * at a time finds everything.
 */
export class ListingUnorderedError extends Error {
  override readonly name = "ListingUnorderedError";
  readonly code = "S3_LISTING_UNORDERED";
  readonly retryable = true;

  constructor() {
    super(
      "this server does not list keys in the order of their bytes; it is listed one page at a time",
    );
  }
}

/**
 * Lists everything below a prefix, every object once, with several requests at a time.
 *
 * The keys are cut into ranges that lie side by side; each is listed page after page by one worker. Cuts come from the folders that a
 * listing with a delimiter shows, and later from whoever has nothing to do and takes the far half of a range that is under way. A cut in a
 * bad place costs a request and nothing else, so it may be guessed: flat names are cut by guessing alone.
 *
 * @throws ListingUnorderedError, S3Error, the reason of the signal
 */
export async function listInParallel(options: ParallelListingOptions): Promise<void> {
  const ended = new AbortController();
  const signal = AbortSignal.any([options.signal, ended.signal]);
  const ranges = new Ranges({ ...options, signal });
  const work = async (): Promise<void> => {
    try {
      await ranges.work();
    } catch (error) {
      ended.abort(error); // the first failure ends the others, whose failures say nothing new
      ranges.wakeAll();
      throw error;
    }
  };
  const results = await Promise.allSettled(Array.from({ length: options.concurrency }, work));
  if (ended.signal.aborted) throw ended.signal.reason;
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

/** Keys behind `after` up to and with `until`. */
interface Range {
  readonly after: string | null;
  /** Null: to the end. Comes nearer when somebody takes the far half. */
  until: string | null;
  /** The last key that was listed; null before the first page. */
  cursor: string | null;
  /** How often the far half was taken since the last page. */
  cuts: number;
  /** Whether the first page of a far half is under way: whether that was a good cut is not known yet. */
  isBeingCut: boolean;
  /** Pages that it must have before it is cut again, because its last far half was hardly worth it. */
  calmPages: number;
  /** Whose far half it is, until its first page has come; null: nobody's. */
  takenFrom: Range | null;
}

/** A far half that is empty brings the cut nearer; more of them per page would only be guessing against a range that ends soon. */
const MAX_CUTS_PER_PAGE = 8;
/** Pages that a range must have after a far half of less than a page: the near one may be hardly more, and then cutting fetches keys twice. */
const CALM_PAGES = 2;
/** How many single folders inside one another are entered when looking for the first cuts. */
const MAX_FOLDER_DEPTH = 8;

class Ranges {
  readonly #options: ParallelListingOptions;
  /** Nobody lists these yet. */
  readonly #waiting: Range[];
  /** Somebody does. */
  readonly #active = new Set<Range>();
  /** Whether folders were asked for cuts. */
  #isCut = false;
  /** Resolved, and made anew, whenever those without work should look again. */
  #change = Promise.withResolvers<void>();

  constructor(options: ParallelListingOptions) {
    this.#options = options;
    this.#waiting = [newRange(options.after, null)];
    this.#isCut = options.concurrency === 1;
  }

  /** Returns when nothing is left to list. */
  async work(): Promise<void> {
    for (;;) {
      this.#options.signal.throwIfAborted();
      const range = this.#waiting.shift() ?? this.#takeFarHalf();
      if (range !== null) {
        this.#active.add(range);
        await this.#list(range);
        this.#active.delete(range);
        this.wakeAll();
      } else if (this.#active.size === 0) return;
      else await this.#change.promise;
    }
  }

  wakeAll(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  async #list(range: Range): Promise<void> {
    const { pages, prefix, signal, onPage } = this.#options;
    let next: PageToken | null = null;
    do {
      const after = next === null ? range.after : null;
      const page: ListedPage = await pages.list({ prefix, after, next, signal });
      this.#check(page, range);
      const objects = ownObjects(page, range);
      onPage({ page, objects });
      range.cursor = page.span?.last ?? range.cursor;
      range.cuts = 0;
      range.calmPages = Math.max(0, range.calmPages - 1);
      next = isPast(range) ? null : page.next;
      judgeCut(range, { isWhole: next === null, isEmpty: objects.length === 0 });
      if (next === null) break; // and nobody is woken to take a half of what is done
      if (!this.#isCut) await this.#cutByFolders(range);
      this.wakeAll();
    } while (!isPast(range));
  }

  #check({ span, isOrdered }: ListedPage, { after, cursor }: Range): void {
    if (this.#options.concurrency === 1 && this.#options.after === null) return;
    const low = cursor ?? after;
    if (span === null) return;
    const difference = low === null ? 1 : compareKeys(span.first, low);
    // Versions of one key may go on on the next page.
    const isBehind = cursor === null ? difference > 0 : difference >= 0;
    if (!isOrdered || !isBehind) throw new ListingUnorderedError();
  }

  /** The first listing turned out to be long: cuts its rest where folders begin. */
  async #cutByFolders(range: Range): Promise<void> {
    this.#isCut = true;
    const { cursor } = range;
    if (cursor === null) return;
    const folders = await this.#findFolders();
    const ahead = folders.filter((folder) => compareKeys(folder, cursor) > 0);
    const cuts = chooseEvenly(ahead, 2 * this.#options.concurrency);
    const [first] = cuts;
    if (first === undefined) return;
    const { until } = range;
    range.until = first;
    for (const [at, cut] of cuts.entries()) {
      this.#waiting.push(newRange(cut, cuts[at + 1] ?? until));
    }
  }

  async #findFolders(): Promise<readonly string[]> {
    const { pages, signal } = this.#options;
    let { prefix } = this.#options;
    for (let depth = 0; ; depth++) {
      const { folders, isComplete } = await pages.folders({ prefix, signal });
      const [only] = folders;
      const isLast = depth === MAX_FOLDER_DEPTH || !isComplete || folders.length !== 1;
      if (isLast || only === undefined) return folders;
      prefix = only;
    }
  }

  /** From the range that has been cut least since its last page; null when there is none to take from. */
  #takeFarHalf(): Range | null {
    const { prefix } = this.#options;
    const victims = [...this.#active]
      .filter((range) => range.cursor !== null && range.cuts < MAX_CUTS_PER_PAGE)
      .filter(({ isBeingCut, calmPages }) => !isBeingCut && calmPages === 0)
      .sort((a, b) => a.cuts - b.cuts);
    for (const victim of victims) {
      const { cursor, until } = victim;
      if (cursor === null || isPast(victim)) continue;
      const cut = keyBetween(cursor, until, prefix);
      if (cut === null) continue;
      victim.until = cut;
      victim.cuts += 1;
      victim.isBeingCut = true;
      return { ...newRange(cut, until), takenFrom: victim };
    }
    return null;
  }
}

function newRange(after: string | null, until: string | null): Range {
  const uncut = { cursor: null, cuts: 0, isBeingCut: false, calmPages: 0, takenFrom: null };
  return { after, until, ...uncut };
}

/** The first page of a far half has come: whoever it was taken from may be cut again, now or later. */
function judgeCut(range: Range, page: { isWhole: boolean; isEmpty: boolean }): void {
  const { takenFrom } = range;
  if (takenFrom === null) return;
  range.takenFrom = null;
  takenFrom.isBeingCut = false;
  if (page.isWhole && !page.isEmpty) takenFrom.calmPages = CALM_PAGES;
}

/** Whether everything up to its end was listed. */
function isPast({ cursor, until }: Range): boolean {
  return cursor !== null && until !== null && compareKeys(cursor, until) >= 0;
}

/** What lies behind its end is listed by another range. */
function ownObjects({ objects, span }: ListedPage, { until }: Range): readonly ListedObject[] {
  if (until === null || span === null || compareKeys(span.last, until) <= 0) return objects;
  return objects.filter(({ key }) => compareKeys(key, until) <= 0);
}

function chooseEvenly(items: readonly string[], count: number): readonly string[] {
  if (items.length <= count) return items;
  return Array.from(
    { length: count },
    (_, at) => items[Math.floor(((at + 1) * items.length) / (count + 1))] ?? "",
  );
}
