import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { rootNameSchema, sourceNameSchema, type ObjectRef } from "@sluice/contracts";
import { Intake, MemoryJournal, type Clock } from "@sluice/sources";
import { FolderThreadError } from "./folder-error.ts";
import type { FolderEvents } from "./folder-events.ts";
import { FolderSource, type FolderSourceOptions } from "./folder-source.ts";
import type { NotifierListener } from "./notifier.ts";
import { startFolderThread, type StartFolderThread } from "./thread/folder-thread.ts";

export const uploads = sourceNameSchema.parse("uploads");

/** Real time, for tests on real files. */
export const realClock: Clock = {
  nowMs: () => Date.now(),
  schedule(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

const FUTURE = new Date("2100-01-01");

/** Longest wait for a fact before a test gives up. */
const PATIENCE_MS = 20_000;

type EventName = keyof FolderEvents | "objectsFound" | "settlingOverflowed";

/** A real folder with a folder source on it, and what they did. */
export class FolderHarness implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "sluice-folder-"));
  readonly journal = new MemoryJournal();
  readonly events: [name: EventName, event: object][] = [];
  readonly failures: unknown[] = [];
  readonly #settings: Partial<FolderSourceOptions>;
  #source: FolderSource | null = null;

  constructor(settings: Partial<FolderSourceOptions> = {}) {
    this.#settings = settings;
  }

  get source(): FolderSource {
    if (this.#source === null) throw new Error("not started");
    return this.#source;
  }

  /** Starts a source on the folder and the journal, as after a restart when there was one before. */
  async start({ settleMs = 30, maxSettling = 100_000 } = {}): Promise<void> {
    await this.#source?.stop();
    const { journal } = this;
    const note = (name: EventName) => (event: object) => {
      this.events.push([name, event]);
    };
    const intake = new Intake({
      source: uploads,
      settleMs,
      maxSettling,
      journal,
      clock: realClock,
      events: {
        objectsFound: note("objectsFound"),
        settlingOverflowed: note("settlingOverflowed"),
      },
      onSeen: () => undefined,
    });
    this.#source = new FolderSource({
      source: uploads,
      root: rootNameSchema.parse("incoming"),
      folder: this.folder,
      ignore: ["**/*.part", "cache/**"],
      include: [],
      maxDepth: 64,
      reconcileEveryMs: 600_000,
      polling: false,
      intake,
      journal,
      clock: realClock,
      events: {
        reconciled: note("reconciled"),
        folderUnavailable: note("folderUnavailable"),
        unreadable: note("unreadable"),
        hintsOverflowed: note("hintsOverflowed"),
        notifierDegraded: note("notifierDegraded"),
        notifierRecovered: note("notifierRecovered"),
      },
      startThread: startFolderThread,
      onFailed: (error) => this.failures.push(error),
      ...this.#settings,
    });
    await this.#source.start();
  }

  /** Resolves when it is true. Asked again and again, because not every fact has an event. */
  async until(fact: () => boolean, what: string): Promise<void> {
    const deadlineMs = Date.now() + PATIENCE_MS;
    while (!fact()) {
      if (Date.now() > deadlineMs) {
        throw new Error(`waited in vain: ${what}; ${JSON.stringify(this.events.slice(-20))}`);
      }
      await pause(5);
    }
  }

  async untilFound(...paths: string[]): Promise<void> {
    await this.until(() => paths.every((path) => this.found.includes(path)), paths.join(", "));
  }

  async untilEvent(name: EventName): Promise<void> {
    const before = this.count(name);
    await this.until(() => this.count(name) > before, name);
  }

  /** The first listing of this start has ended. */
  async untilReconciled(): Promise<void> {
    await this.until(() => this.source.status.reconciledAtMs !== null, "reconciled");
  }

  count(name: EventName): number {
    return this.events.filter(([happened]) => happened === name).length;
  }

  /** Every object that was noted and not handed over yet. */
  get seen(): readonly ObjectRef[] {
    return this.journal.nextSeen(uploads, 1_000_000);
  }

  get found(): string[] {
    return this.seen.map(({ path }) => path);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, content = "content"): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), content);
  }

  /** As written, but with a time in the future: young at its first look, however late that comes. */
  writeYoung(name: string, content = "content"): void {
    this.write(name, content);
    utimesSync(this.path(name), FUTURE, FUTURE);
  }

  /** Written elsewhere on the same file system, then moved in. */
  moveIn(name: string, content = "content"): void {
    const elsewhere = `${this.folder}.elsewhere`;
    writeFileSync(elsewhere, content);
    renameSync(elsewhere, this.path(name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source?.stop();
    rmSync(this.folder, { recursive: true, force: true });
    if (this.failures.length > 0) throw new AggregateError(this.failures, "the source failed");
  }
}

/** The real thread without its watcher: it says only what the test makes it say. */
export function silentWatcher(): {
  start: StartFolderThread;
  listener: () => NotifierListener;
  checks: () => number;
} {
  let listener: NotifierListener | null = null;
  let checks = 0;
  const unheard = { hinted: pass, overflowed: pass, failed: pass, recovered: pass };
  return {
    async start(options, given) {
      listener = given;
      const thread = await startFolderThread({ ...options, watcher: "none" }, unheard);
      return {
        look: async (paths, device) => await thread.look(paths, device),
        list: (request) => thread.list(request),
        check: () => void (checks += 1),
        [Symbol.asyncDispose]: async () => await thread[Symbol.asyncDispose](),
      };
    },
    listener() {
      if (listener === null) throw new Error("not started");
      return listener;
    },
    checks: () => checks,
  };
}

/** The real thread, which after some answers refuses everything until it is checked, as a dead one does until it is started again. */
export function dyingThread({ answers }: { answers: number }): {
  start: StartFolderThread;
  deaths: () => number;
} {
  let left = answers;
  let deaths = 0;
  let isDead = false;
  return {
    async start(options, listener) {
      const thread = await startFolderThread({ ...options, watcher: "none" }, listener);
      const live = () => {
        if (!isDead && left-- === 0) {
          isDead = true;
          deaths += 1;
        }
        if (isDead) throw new FolderThreadError();
      };
      return {
        async look(paths, device) {
          live();
          return await thread.look(paths, device);
        },
        async *list(request) {
          for await (const batch of thread.list(request)) {
            live();
            yield batch;
          }
        },
        check: () => void (isDead = false),
        [Symbol.asyncDispose]: async () => await thread[Symbol.asyncDispose](),
      };
    },
    deaths: () => deaths,
  };
}

function pass(): void {}
