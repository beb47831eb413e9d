import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "@sluice/config";
import {
  decodeObjectPath,
  rootNameSchema,
  sourceNameSchema,
  type ChunkJob,
  type ObjectRef,
} from "@sluice/contracts";
import type { ChunkSender, JournalCounts } from "@sluice/sources";
import { SqliteJournal } from "@sluice/storage";
import { createLogger, createMetrics } from "@sluice/telemetry";
import { createIngestEvents } from "../events.ts";
import { openSourceLine } from "../lines/open-source-line.ts";
import type { SourceLine } from "../lines/source-line.ts";
import { systemClock } from "../system-clock.ts";

export const uploads = sourceNameSchema.parse("uploads");

/** Where the objects of one source lie: a folder, a bucket, a server that writes a log. */
export interface SourcePlace extends AsyncDisposable {
  /** For sluice.yaml: the root named `uploads`, and what is special about the source of that name. */
  readonly root: object;
  readonly source: object;
  /** Stores an object, as somebody who uploads does, and tells the source where it expects to be told. */
  put(name: string, content?: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Tells the source that something happened under a name, true or not. Null: this kind is told nothing. */
  readonly hint: ((name: string) => Promise<void>) | null;
}

/** The configuration and the journal file of one source, on which its line is opened as often as processes would be. */
export class LineSite implements AsyncDisposable {
  readonly failures: unknown[] = [];
  /** Chunks that the queue has taken, in order. */
  readonly sent: ChunkJob[] = [];
  /** Chunks that wait in the queue, as it says. */
  waiting = 0;
  readonly #folder = mkdtempSync(join(tmpdir(), "sluice-line-"));
  readonly #place: SourcePlace;
  readonly #stack = new AsyncDisposableStack();

  constructor(place: SourcePlace) {
    this.#place = place;
  }

  /** As a process would: its own journal connection, on the same file. It is never closed before the end, as after a kill. */
  async open(
    change: object = {},
    send: ChunkSender["send"] = async (chunk) => this.#take(chunk),
  ): Promise<SourceLine> {
    const common = { name: "uploads", root: "uploads", reconcileEveryMs: 1000 };
    const config = {
      version: 1,
      roots: { uploads: this.#place.root },
      sources: [{ ...common, ...this.#place.source, ...change }],
      ensembles: { default: { members: [{ model: "m" }] } },
      policies: { default: { mode: "sweep", forbidden: [] } },
      ingest: { maxWaitingChunks: 10 },
    };
    writeFileSync(join(this.#folder, "sluice.yaml"), JSON.stringify(config));
    const loaded = await loadConfig({ env: { SLUICE_CONFIG: "sluice.yaml" }, cwd: this.#folder });
    const journal = this.#stack.use(SqliteJournal.open(loaded.ingest.journalPath));
    const log = createLogger({ app: "ingest", level: "silent", format: "json" });
    const [source] = loaded.sources;
    if (source === undefined) throw new Error("no source");
    const line = await openSourceLine(loaded, source, {
      journal,
      chunkSender: { send, waitingChunks: async () => await Promise.resolve(this.waiting) },
      clock: systemClock,
      events: createIngestEvents(log, createMetrics()),
      onFailed: (error) => this.failures.push(error),
    });
    await line.start();
    return line;
  }

  get sentObjects(): ObjectRef[] {
    return this.sent.flatMap(({ objects }) => objects);
  }

  /** Names of all objects that were sent, in order; one that was sent twice stands twice. */
  get sentNames(): string[] {
    return this.sentObjects.map(({ path }) => decodeObjectPath(path).toString("utf8"));
  }

  /** Rows by state, as the file has them. */
  get counts(): JournalCounts {
    using journal = SqliteJournal.open(join(this.#folder, ".sluice/ingest/journal.sqlite"));
    return journal.counts(uploads);
  }

  /** Moderation's notice that everything that was sent is decided. */
  decideAll(line: SourceLine): void {
    for (const { id: chunkId, source, objects } of this.sent) {
      line.settled({ v: 1, chunkId, source, root: rootNameSchema.parse("uploads"), objects });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
    rmSync(this.#folder, { recursive: true });
    if (this.failures.length > 0) throw new AggregateError(this.failures, "the line failed");
  }

  async #take(chunk: ChunkJob): Promise<void> {
    this.sent.push(chunk);
    return await Promise.resolve();
  }
}
