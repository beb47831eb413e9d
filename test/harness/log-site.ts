import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeObjectPath, sourceNameSchema, type ObjectPath } from "@sluice/contracts";
import {
  compileLineFormat,
  createPathMap,
  directiveOf,
  judgeUpload,
  NginxLogSource,
  ObjectFollower,
  type NginxLogEvents,
} from "@sluice/source-nginx-log";
import { Intake, type Clock } from "@sluice/sources";
import { createFolderLooker, SqliteJournal, SqliteLogCheckpoints } from "@sluice/storage";
import { until } from "./until.ts";

const SOURCE = sourceNameSchema.parse("web");
const clock: Clock = {
  nowMs: () => Date.now(),
  schedule(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** A folder with an nginx-log source that may be stopped, killed and started again, with nothing behind its journal and no listing. */
export class LogSite implements AsyncDisposable {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "sluice-nginx-")));
  /** Lines read by all runs. */
  lines = 0;
  /** Versions that the journal took, by all runs. */
  seen = 0;
  readonly results: Record<string, number> = {};
  readonly refused: string[] = [];
  readonly losses: string[] = [];
  listings = 0;
  #source: NginxLogSource<ObjectPath> | null = null;
  #stack = new AsyncDisposableStack();

  path(name: string): string {
    return join(this.folder, name);
  }

  async start({
    format = "sluice",
    log = "logs/uploads.json",
    rotateWaitMs = 500,
    waitForFileMs = 300,
  } = {}): Promise<void> {
    await mkdir(this.path("uploads"), { recursive: true });
    const stack = new AsyncDisposableStack();
    const journal = stack.use(SqliteJournal.open(this.path("journal.sqlite")));
    const intake = new Intake({
      source: SOURCE,
      settleMs: 0,
      maxSettling: 100_000,
      journal,
      clock,
      events: {
        objectsFound: ({ count }) => (this.seen += count),
        settlingOverflowed: () => undefined,
      },
      onSeen: () => undefined,
    });
    const rules = {
      uris: createPathMap([{ prefix: "/dav", to: "" }]),
      files: createPathMap([{ prefix: this.path("uploads"), to: "" }]),
      maxNames: 32,
    };
    const wantListing = (): void => {
      this.listings += 1;
    };
    const source = new NginxLogSource({
      source: SOURCE,
      logs: [this.path(log)],
      format: compileLineFormat(directiveOf(format), { uploadHeader: "X-Upload-Path" }),
      judge: (record) => judgeUpload(record, rules),
      follower: new ObjectFollower({
        source: SOURCE,
        looker: createFolderLooker(this.path("uploads")),
        intake,
        journal,
        clock,
        events: this.#events(),
        wantListing,
        reconcileEveryMs: 600_000,
        maxOpenLines: 10_000,
        waitForFileMs,
      }),
      checkpoints: stack.use(SqliteLogCheckpoints.open(this.path("journal.sqlite"))),
      clock,
      events: this.#events(),
      wantListing,
      onFailed: (error) => {
        throw error;
      },
      maxLineBytes: 65_536,
      maxLogs: 10,
      pollEveryMs: 50,
      rotateWaitMs,
    });
    await source.start();
    stack.use(source);
    this.#source = source;
    this.#stack = stack;
  }

  async stop(): Promise<void> {
    await this.#stack.disposeAsync();
    this.#source = null;
  }

  /** Whether everything that was named is dealt with. */
  get isIdle(): boolean {
    return this.#source?.status.pending === 0;
  }

  /** Paths in the journal as bytes (latin1), sorted. */
  journalled(): string[] {
    using journal = SqliteJournal.open(this.path("journal.sqlite"));
    return journal
      .nextSeen(SOURCE, 10_000_000)
      .map(({ path }) => decodeObjectPath(path).toString("latin1"))
      .toSorted();
  }

  /** Waits until so many lines were read and what they name is dealt with. */
  async settle(lines: number, timeoutMs = 30_000): Promise<void> {
    await until(() => (this.lines >= lines && this.isIdle ? true : undefined), {
      what: `${lines} lines`,
      timeoutMs,
      describe: () => JSON.stringify({ lines: this.lines, seen: this.seen, ...this.results }),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #events(): NginxLogEvents {
    const nothing = (): void => undefined;
    return {
      logOpened: nothing,
      logUnavailable: nothing,
      logRecovered: nothing,
      logRotated: nothing,
      linesLost: ({ reason }) => this.losses.push(reason),
      linesSkipped: ({ reason, count }) => {
        this.results[reason] = (this.results[reason] ?? 0) + count;
      },
      linesRead: ({ count }) => (this.lines += count),
      uploadNamed: nothing,
      nameRefused: ({ reason }) => this.refused.push(reason),
      nameFollowed: ({ result }) => {
        this.results[result] = (this.results[result] ?? 0) + 1;
      },
    };
  }
}
