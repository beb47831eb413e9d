import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { toText } from "../byte-path.ts";
import type { NotifierFailure } from "../notifier.ts";
import { startFolderThread, type FolderThread } from "./folder-thread.ts";
import type { WatcherKind } from "./thread-messages.ts";

const PATIENCE_MS = 20_000;

/** A real folder watched by a real thread, for tests: what it said. */
export class WatchingThread implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "sluice-watch-"));
  readonly entries = new Set<string>();
  readonly directories = new Set<string>();
  readonly failures: NotifierFailure[] = [];
  overflows = 0;
  #thread: FolderThread | null = null;

  static async start(
    watcher: WatcherKind,
    prepare: (folder: string) => void = () => undefined,
  ): Promise<WatchingThread> {
    const watching = new WatchingThread();
    prepare(watching.folder);
    watching.#thread = await startFolderThread(
      {
        folder: watching.folder,
        ignore: ["ignored/**", "**/*.part"],
        include: [],
        maxDepth: 3,
        watcher,
      },
      {
        hinted({ entries, directories }) {
          for (const path of entries) watching.entries.add(toText(path));
          for (const path of directories) watching.directories.add(toText(path));
        },
        overflowed: () => void (watching.overflows += 1),
        failed: (failure) => watching.failures.push(failure),
        recovered: () => undefined,
      },
    );
    return watching;
  }

  get thread(): FolderThread {
    if (this.#thread === null) throw new Error("not started");
    return this.#thread;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** A hint for the path, or for the directory it lies in: either leads a look to it. */
  isHinted(path: string): boolean {
    const parent = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
    return this.entries.has(path) || this.directories.has(parent);
  }

  async untilHinted(...paths: string[]): Promise<void> {
    const deadlineMs = Date.now() + PATIENCE_MS;
    while (!paths.every((path) => this.isHinted(path))) {
      if (Date.now() > deadlineMs) throw new Error(`waited in vain for ${paths.join(", ")}`);
      await pause(5);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread?.[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
