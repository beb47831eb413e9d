import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "@sluice/config";
import type { ChunkJob } from "@sluice/contracts";
import type { ChunkSender } from "@sluice/sources";
import { SqliteJournal } from "@sluice/storage";
import { createLogger, createMetrics } from "@sluice/telemetry";
import { expect, test } from "vitest";
import { createIngestEvents } from "../events.ts";
import { openSourceLine } from "./open-source-line.ts";
import type { SourceLine } from "./source-line.ts";
import { systemClock } from "../system-clock.ts";
import { until } from "../testing/ingest-site.ts";

/** A folder, its configuration and its journal file, on which lines are opened as often as processes would be. */
class Line implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "sluice-line-"));
  readonly failures: unknown[] = [];
  readonly #stack = new AsyncDisposableStack();

  constructor() {
    mkdirSync(join(this.folder, "uploads"));
    const config = {
      version: 1,
      roots: { uploads: { folder: "uploads" } },
      sources: [{ name: "uploads", kind: "folder", root: "uploads", settleMs: 20, polling: true }],
      ensembles: { default: { members: [{ model: "m" }] } },
      policies: { default: { mode: "sweep", forbidden: [] } },
    };
    writeFileSync(join(this.folder, "sluice.yaml"), JSON.stringify(config));
  }

  upload(name: string): void {
    writeFileSync(join(this.folder, "uploads", name), "content");
  }

  /** As a process would: its own journal connection, on the same file. It is never closed before the end, as after a kill. */
  async open(send: ChunkSender["send"]): Promise<SourceLine> {
    const env = { SLUICE_CONFIG: "sluice.yaml" };
    const config = await loadConfig({ env, cwd: this.folder });
    const journal = this.#stack.use(SqliteJournal.open(config.ingest.journalPath));
    const log = createLogger({ app: "ingest", level: "silent", format: "json" });
    const [source] = config.sources;
    if (source === undefined) throw new Error("no source");
    const line = openSourceLine(config, source, {
      journal,
      chunkSender: { send, waitingChunks: async () => await Promise.resolve(0) },
      clock: systemClock,
      events: createIngestEvents(log, createMetrics()),
      onFailed: (error) => this.failures.push(error),
    });
    await line.start();
    return line;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
    rmSync(this.folder, { recursive: true });
  }
}

test("killed between the add and its acknowledgement, the next process sends the same chunk id first", async () => {
  await using place = new Line();
  place.upload("a.jpg");
  place.upload("b.jpg");
  const before: ChunkJob[] = [];
  const answer = Promise.withResolvers<void>();
  const killed = await place.open(async (chunk) => {
    before.push(chunk);
    await answer.promise;
  });
  await until(() => before.length === 1, "an add in flight");
  place.upload("later.jpg");
  const after: ChunkJob[] = [];
  await using _next = await place.open(async (chunk) => {
    after.push(chunk);
    return await Promise.resolve();
  });
  await until(() => after.flatMap(({ objects }) => objects).length >= 3, "everything sent");
  expect(after[0]?.id).toBe(before[0]?.id);
  expect(after[0]?.objects).toEqual(before[0]?.objects);
  expect(after.flatMap(({ objects }) => objects.map(({ path }) => path)).toSorted()).toEqual([
    "a.jpg",
    "b.jpg",
    "later.jpg",
  ]);
  answer.resolve();
  await killed[Symbol.asyncDispose]();
  expect(place.failures).toEqual([]);
});
