import type { DatabaseSync } from "node:sqlite";
import {
  decodeObjectPath,
  type ChunkId,
  type ObjectPath,
  type ObjectRef,
  type SourceName,
} from "@sluice/contracts";
import type { ChunkPlan, Journal, JournalCounts, VersionedPath } from "@sluice/sources";
import { describeSqliteError } from "./journal-error.ts";
import { openJournalFile } from "./journal-file.ts";
import { prepareStatements, type JournalStatements } from "./journal-statements.ts";
import {
  readChunkId,
  readCount,
  readId,
  readNumber,
  readObject,
  readPlace,
  readVersionedPath,
  type Row,
} from "./journal-rows.ts";
import { packVersion } from "./packed-version.ts";

/** The journal in one SQLite file. */
export class SqliteJournal implements Journal, Disposable {
  readonly #db: DatabaseSync;
  readonly #path: string;
  readonly #statements: JournalStatements;
  readonly #books = new Map<SourceName, Book>();

  private constructor(db: DatabaseSync, path: string) {
    this.#db = db;
    this.#path = path;
    this.#statements = prepareStatements(db);
  }

  /**
   * Opens the file, making it and its folder where they are missing. Methods throw JournalFailedError when it cannot be
   * written any more. @throws JournalUnusableError
   */
  static open(path: string, { busyTimeoutMs = 5000 } = {}): SqliteJournal {
    return new SqliteJournal(openJournalFile(path, { busyTimeoutMs }), path);
  }

  [Symbol.dispose](): void {
    if (this.#db.isOpen) this.#db.close();
  }

  unknown(source: SourceName, objects: readonly ObjectRef[]): readonly ObjectRef[] {
    const { id } = this.#book(source);
    const { hasVersion } = this.#statements;
    return objects.filter(
      ({ path, version }) =>
        hasVersion.get(id, decodeObjectPath(path), packVersion(version)) === undefined,
    );
  }

  undecided(source: SourceName, objects: readonly ObjectRef[]): readonly ObjectRef[] {
    const { id } = this.#book(source);
    const { isUndecided } = this.#statements;
    return objects.filter(
      ({ path, version }) =>
        isUndecided.get(id, decodeObjectPath(path), packVersion(version)) !== undefined,
    );
  }

  see(source: SourceName, objects: readonly ObjectRef[]): number {
    const book = this.#book(source);
    return this.#transact(() => {
      let count = 0;
      for (const object of objects) count += this.#seeOne(book, object) ? 1 : 0;
      return count;
    });
  }

  nextSeen(source: SourceName, limit: number): readonly ObjectRef[] {
    return this.#statements.inLine.all(this.#book(source).id, limit).map(readObject);
  }

  planNext(
    source: SourceName,
    {
      limit,
      toChunkId,
    }: {
      readonly limit: number;
      readonly toChunkId: (objects: readonly ObjectRef[]) => ChunkId;
    },
  ): ChunkPlan | null {
    const { id } = this.#book(source);
    const { inLine, addPlan, assign } = this.#statements;
    const rows = inLine.all(id, limit);
    if (rows.length === 0) return null;
    const objects = rows.map(readObject);
    const chunkId = toChunkId(objects);
    this.#transact(() => {
      // The first in line are exactly those whose place is not after the last one's.
      assign.run(readId(addPlan.get(id, chunkId)), id, readPlace(rows.at(-1)));
    });
    return { chunkId, objects };
  }

  unqueuedPlans(source: SourceName): readonly ChunkPlan[] {
    return this.#statements.unqueuedPlans
      .all(this.#book(source).id)
      .map((row) => this.#readPlan(row));
  }

  overduePlans(
    source: SourceName,
    { queuedUntilMs, limit }: { readonly queuedUntilMs: number; readonly limit: number },
  ): readonly ChunkPlan[] {
    return this.#statements.overduePlans
      .all(this.#book(source).id, queuedUntilMs, limit)
      .map((row) => this.#readPlan(row));
  }

  markQueued(
    source: SourceName,
    { chunkId, atMs }: { readonly chunkId: ChunkId; readonly atMs: number },
  ): void {
    this.#statements.stampPlan.run(atMs, this.#book(source).id, chunkId);
  }

  dissolve(source: SourceName, chunkId: ChunkId): number {
    const { id } = this.#book(source);
    return this.#transact(() => {
      const plan = this.#statements.removePlan.get(id, chunkId);
      return plan === undefined ? 0 : Number(this.#statements.dissolve.run(readId(plan)).changes);
    });
  }

  decide(source: SourceName, objects: readonly VersionedPath[]): number {
    const { id } = this.#book(source);
    return this.#transact(() => {
      let count = 0;
      for (const object of objects) count += this.#decideOne(id, object) ? 1 : 0;
      return count;
    });
  }

  decidedAfter(
    source: SourceName,
    { after, limit }: { readonly after: ObjectPath | null; readonly limit: number },
  ): readonly VersionedPath[] {
    const key = after === null ? new Uint8Array() : decodeObjectPath(after);
    return this.#statements.decidedAfter
      .all(this.#book(source).id, key, limit)
      .map(readVersionedPath);
  }

  forget(source: SourceName, objects: readonly VersionedPath[]): number {
    const book = this.#book(source);
    return this.#transact(() => {
      let count = 0;
      for (const { path, version } of objects) {
        const key = decodeObjectPath(path);
        count += Number(this.#statements.forget.run(book.id, key, packVersion(version)).changes);
      }
      book.rows -= count;
      return count;
    });
  }

  counts(source: SourceName): JournalCounts {
    const { id, rows } = this.#book(source);
    const { countSeen, countPlanned } = this.#statements;
    const seen = readCount(countSeen.get(id));
    const planned = countPlanned.get(id);
    const assigned = readNumber(planned, "assigned");
    const queued = readNumber(planned, "queued");
    return { seen, assigned, queued, decided: rows - seen - assigned - queued };
  }

  #book(source: SourceName): Book {
    const known = this.#books.get(source);
    if (known !== undefined) return known;
    const id = readId(this.#statements.addSource.get(source));
    const { countAll, lastSeenPlace, lastPlannedPlace } = this.#statements;
    const book = {
      id,
      rows: readCount(countAll.get(id)),
      lastPlace: Math.max(readPlace(lastSeenPlace.get(id)), readPlace(lastPlannedPlace.get(id))),
    };
    this.#books.set(source, book);
    return book;
  }

  #seeOne(book: Book, { path, version, sizeBytes }: ObjectRef): boolean {
    const { addSeen, row, changeToSeen } = this.#statements;
    const key = decodeObjectPath(path);
    const packed = packVersion(version);
    if (addSeen.run(book.id, key, packed, sizeBytes, book.lastPlace + 1).changes === 1) {
      book.lastPlace += 1;
      book.rows += 1;
      return true;
    }
    const before = row.get(book.id, key, packed);
    if (before?.["is_same"] !== 0) return false;
    book.lastPlace += 1;
    changeToSeen.run(book.id, key, packed, sizeBytes, book.lastPlace);
    this.#dropPlanIfEmpty(before);
    return true;
  }

  #decideOne(id: number, { path, version }: VersionedPath): boolean {
    const { row, decide } = this.#statements;
    const key = decodeObjectPath(path);
    const packed = packVersion(version);
    const before = row.get(id, key, packed);
    if (before === undefined || decide.run(id, key, packed).changes === 0) return false;
    this.#dropPlanIfEmpty(before);
    return true;
  }

  #readPlan(row: Row): ChunkPlan {
    return {
      chunkId: readChunkId(row),
      objects: this.#statements.planned.all(readId(row)).map(readObject),
    };
  }

  /** `before`: a row as it was before it left its plan, if it had one. */
  #dropPlanIfEmpty(before: Row): void {
    const plan = before["plan"] ?? null;
    if (plan !== null) this.#statements.dropEmptyPlan.run(plan);
  }

  #transact<T>(work: () => T): T {
    try {
      this.#statements.begin.run();
      const result = work();
      this.#statements.commit.run();
      return result;
    } catch (error) {
      if (this.#db.isTransaction) this.#statements.rollback.run();
      this.#books.clear(); // they may hold what was just taken back
      throw describeSqliteError(error, this.#path);
    }
  }
}

/** What is kept in memory of one source. */
interface Book {
  readonly id: number;
  /** How many rows it has; counting them would read the whole table. */
  rows: number;
  /** The highest place in line that any row has; a place is never given twice while a row holds it. */
  lastPlace: number;
}
