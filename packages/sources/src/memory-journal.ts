import type { ChunkId, ObjectPath, ObjectRef, ObjectVersion, SourceName } from "@sluice/contracts";
import type { ChunkPlan, Journal, JournalCounts, VersionedPath } from "./journal.ts";

/** A journal that forgets everything when the process ends: for tests, and the plainest statement of what a journal does. */
export class MemoryJournal implements Journal {
  readonly #sources = new Map<SourceName, SourceBook>();

  unknown(source: SourceName, objects: readonly ObjectRef[]): readonly ObjectRef[] {
    const { rows } = this.#book(source);
    return objects.filter(({ path, version }) => rows.get(path)?.object.version !== version);
  }

  undecided(source: SourceName, objects: readonly ObjectRef[]): readonly ObjectRef[] {
    const { rows } = this.#book(source);
    return objects.filter(({ path, version }) => {
      const row = rows.get(path);
      return row?.object.version === version && row.state !== "decided";
    });
  }

  see(source: SourceName, objects: readonly ObjectRef[]): number {
    const book = this.#book(source);
    let count = 0;
    for (const object of objects) {
      if (book.rows.get(object.path)?.object.version === object.version) continue;
      book.rows.set(object.path, { object, state: "seen", place: book.nextPlace++, plan: null });
      count += 1;
    }
    dropEmptyPlans(book);
    return count;
  }

  nextSeen(source: SourceName, limit: number): readonly ObjectRef[] {
    return inLine(this.#book(source), (row) => row.state === "seen").slice(0, limit);
  }

  planNext(
    source: SourceName,
    { limit, toChunkId }: { limit: number; toChunkId: (objects: readonly ObjectRef[]) => ChunkId },
  ): ChunkPlan | null {
    const book = this.#book(source);
    const objects = this.nextSeen(source, limit);
    if (objects.length === 0) return null;
    const chunkId = toChunkId(objects);
    book.plans.set(chunkId, { queuedAtMs: null });
    for (const { path } of objects) {
      const row = book.rows.get(path);
      if (row !== undefined) book.rows.set(path, { ...row, state: "assigned", plan: chunkId });
    }
    return { chunkId, objects };
  }

  unqueuedPlans(source: SourceName): readonly ChunkPlan[] {
    const book = this.#book(source);
    return [...book.plans]
      .filter(([, { queuedAtMs }]) => queuedAtMs === null)
      .map(([chunkId]) => readPlan(book, chunkId));
  }

  overduePlans(
    source: SourceName,
    { queuedUntilMs, limit }: { queuedUntilMs: number; limit: number },
  ): readonly ChunkPlan[] {
    const book = this.#book(source);
    return [...book.plans]
      .map(([chunkId, plan]) => ({ chunkId, queuedAtMs: plan.queuedAtMs ?? Infinity }))
      .filter((plan) => plan.queuedAtMs <= queuedUntilMs)
      .sort((a, b) => a.queuedAtMs - b.queuedAtMs)
      .slice(0, limit)
      .map(({ chunkId }) => readPlan(book, chunkId));
  }

  markQueued(source: SourceName, { chunkId, atMs }: { chunkId: ChunkId; atMs: number }): void {
    const book = this.#book(source);
    if (!book.plans.has(chunkId)) return;
    book.plans.set(chunkId, { queuedAtMs: atMs });
    for (const [path, row] of book.rows) {
      if (row.plan === chunkId) book.rows.set(path, { ...row, state: "queued" });
    }
  }

  dissolve(source: SourceName, chunkId: ChunkId): number {
    const book = this.#book(source);
    let count = 0;
    for (const [path, row] of book.rows) {
      if (row.plan !== chunkId) continue;
      book.rows.set(path, { ...row, state: "seen", plan: null });
      count += 1;
    }
    book.plans.delete(chunkId);
    return count;
  }

  decide(source: SourceName, objects: readonly VersionedPath[]): number {
    const book = this.#book(source);
    let count = 0;
    for (const { path, version } of objects) {
      const row = book.rows.get(path);
      if (row === undefined || row.object.version !== version || row.state === "decided") continue;
      book.rows.set(path, { ...row, state: "decided", plan: null });
      count += 1;
    }
    dropEmptyPlans(book);
    return count;
  }

  decidedAfter(
    source: SourceName,
    { after, limit }: { after: ObjectPath | null; limit: number },
  ): readonly VersionedPath[] {
    return [...this.#book(source).rows.values()]
      .filter(({ state, object }) => state === "decided" && (after === null || object.path > after))
      .map(({ object: { path, version } }) => ({ path, version }))
      .sort((a, b) => (a.path < b.path ? -1 : 1))
      .slice(0, limit);
  }

  forget(source: SourceName, objects: readonly VersionedPath[]): number {
    const { rows } = this.#book(source);
    const gone = objects.filter(({ path, version }) => {
      const row = rows.get(path);
      return row?.state === "decided" && row.object.version === version && rows.delete(path);
    });
    return gone.length;
  }

  counts(source: SourceName): JournalCounts {
    const counts = { seen: 0, assigned: 0, queued: 0, decided: 0 };
    for (const { state } of this.#book(source).rows.values()) counts[state] += 1;
    return counts;
  }

  #book(source: SourceName): SourceBook {
    const known = this.#sources.get(source);
    if (known !== undefined) return known;
    const book: SourceBook = { rows: new Map(), plans: new Map(), nextPlace: 0 };
    this.#sources.set(source, book);
    return book;
  }
}

interface SourceBook {
  readonly rows: Map<ObjectPath, Row>;
  readonly plans: Map<ChunkId, { readonly queuedAtMs: number | null }>;
  nextPlace: number;
}

interface Row {
  readonly object: ObjectRef & { readonly version: ObjectVersion };
  readonly state: keyof JournalCounts;
  /** Place in line: kept until the row is seen again in another version. */
  readonly place: number;
  /** Set exactly in the states assigned and queued. */
  readonly plan: ChunkId | null;
}

function inLine(book: SourceBook, wanted: (row: Row) => boolean): ObjectRef[] {
  return [...book.rows.values()]
    .filter(wanted)
    .sort((a, b) => a.place - b.place)
    .map(({ object }) => object);
}

function readPlan(book: SourceBook, chunkId: ChunkId): ChunkPlan {
  return { chunkId, objects: inLine(book, ({ plan }) => plan === chunkId) };
}

function dropEmptyPlans(book: SourceBook): void {
  const used = new Set([...book.rows.values()].map(({ plan }) => plan));
  for (const chunkId of book.plans.keys()) if (!used.has(chunkId)) book.plans.delete(chunkId);
}
