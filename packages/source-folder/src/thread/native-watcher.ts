import { lstatSync, readdirSync, readFileSync, watch, type FSWatcher } from "node:fs";
import { isWithinDepth, joinPath, resolveBelow, type BytePath } from "../byte-path.ts";
import { errorCode } from "../error-code.ts";
import type { Watcher, WatcherOptions } from "./watcher.ts";

/** Directories watched per turn of the loop, so that events are read in between and the kernel's queue stays short. */
const ARM_SLICE = 64;
/** Where no kernel tells (not Linux): the default of Linux. */
const DEFAULT_MAX_QUEUED_EVENTS = 16_384;

/**
 * One inotify watch per directory, through `fs.watch`. Written for Linux, where it needs a twentieth of the
 * memory that a tracking watcher takes, and sees names that are not UTF-8.
 *
 * - Armed, then listed: a directory is watched first and read second, so that nothing can slip in between.
 * - When the kernel's queue overflows it says so, but libuv drops that message. So events are counted per turn of
 *   the loop; half a queue at once is taken for an overflow.
 * - A watch belongs to an inode, not to a path: a directory that was replaced is watched anew.
 *
 * The file system is read synchronously: this thread has nothing else to do.
 */
export class NativeWatcher implements Watcher {
  readonly #options: WatcherOptions;
  readonly #maxEventsPerTurn: number;
  /** Null until the folder is watched, and again when it is gone. */
  #root: Watched | null = null;
  /** Directories to be watched, or looked at again. */
  #toArm: { readonly path: BytePath; readonly isNew: boolean }[] = [];
  /** Paths of events of this turn; true: came or went, so it may be a directory. */
  readonly #touched = new Map<BytePath, boolean>();
  #eventsThisTurn = 0;
  /** Set while directories could not be watched. */
  #hasFailed = false;
  #isArming = false;
  #onArmed: (() => void)[] = [];

  constructor(options: WatcherOptions) {
    this.#options = options;
    this.#maxEventsPerTurn = readMaxQueuedEvents() / 2;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#onArmed.push(resolve);
      this.#want("", false);
    });
  }

  check(): void {
    this.#hasFailed = false;
    this.#want("", true);
  }

  /** `isNew`: what it holds may have come before it was watched, so that has to be listed. */
  #want(path: BytePath, isNew: boolean): void {
    this.#toArm.push({ path, isNew });
    if (this.#isArming) return;
    this.#isArming = true;
    setImmediate(() => this.#armSome());
  }

  #armSome(): void {
    for (const { path, isNew } of this.#toArm.splice(-ARM_SLICE)) this.#armOne(path, isNew);
    if (this.#toArm.length > 0) {
      setImmediate(() => this.#armSome());
      return;
    }
    this.#isArming = false;
    if (!this.#hasFailed) this.#options.sink.recovered();
    for (const resolve of this.#onArmed.splice(0)) resolve();
  }

  #armOne(path: BytePath, isNew: boolean): void {
    const identity = this.#identify(path);
    const before = this.#find(path);
    if (before !== null && !isSame(before, identity)) this.#forget(path);
    if (identity === null || !isWithinDepth(path, this.#options.maxDepth)) return;
    const isWatched = isSame(before, identity);
    if (!isWatched && !this.#arm(path, identity)) return;
    // Known ones too: one of them may have been replaced, or hold something that is not watched.
    for (const child of this.#subdirectories(path)) this.#want(child, isNew);
    if (isNew && !isWatched) this.#options.sink.directory(path);
  }

  #arm(path: BytePath, identity: Identity): boolean {
    try {
      const where = resolveBelow(this.#options.folder, path);
      const watcher = watch(where, "buffer", (type, name) => this.#noteEvent(path, type, name));
      watcher.on("error", () => {
        this.#forget(path);
        this.#want(path, true);
      });
      this.#insert(path, { ...identity, watcher, children: new Map() });
      return true;
    } catch (error) {
      const code = errorCode(error);
      if (LIMITS.has(code)) this.#fail(code);
      return false; // gone meanwhile, or not readable: the listing reports that
    }
  }

  #noteEvent(directory: BytePath, type: string, name: Buffer | null): void {
    this.#eventsThisTurn += 1;
    if (this.#eventsThisTurn === 1) setImmediate(() => this.#endTurn());
    if (name === null) {
      this.#options.sink.directory(directory);
      return;
    }
    const path = joinPath(directory, name.toString("latin1"));
    this.#touched.set(path, type === "rename" || this.#touched.get(path) === true);
  }

  #endTurn(): void {
    const { sink, isIgnored } = this.#options;
    if (this.#eventsThisTurn >= this.#maxEventsPerTurn) sink.overflowed();
    this.#eventsThisTurn = 0;
    for (const [path, mayBeDirectory] of this.#touched) {
      if (isIgnored(path)) continue;
      sink.entry(path);
      if (!mayBeDirectory) continue;
      if (this.#find(path) !== null || this.#identify(path) !== null) this.#want(path, true);
    }
    this.#touched.clear();
  }

  #fail(code: string): void {
    if (!this.#hasFailed) this.#options.sink.failed(code);
    this.#hasFailed = true;
  }

  /** Null when there is no directory (any more), or one of another file system. */
  #identify(path: BytePath): Identity | null {
    try {
      const stats = lstatSync(resolveBelow(this.#options.folder, path), { bigint: true });
      const isElsewhere = path !== "" && this.#root !== null && this.#root.dev !== stats.dev;
      if (!stats.isDirectory() || isElsewhere) return null;
      return { dev: stats.dev, ino: stats.ino, bornNs: stats.birthtimeNs };
    } catch {
      return null; // whatever the reason is, it cannot be watched now
    }
  }

  #subdirectories(path: BytePath): BytePath[] {
    try {
      const options = { withFileTypes: true, encoding: "buffer" } as const;
      return readdirSync(resolveBelow(this.#options.folder, path), options)
        .filter((entry) => entry.isDirectory())
        .map((entry) => joinPath(path, entry.name.toString("latin1")))
        .filter((child) => !this.#options.isIgnored(child));
    } catch {
      return []; // gone or not readable: the listing reports that
    }
  }

  #find(path: BytePath): Watched | null {
    let at = this.#root;
    if (path === "") return at;
    for (const name of path.split("/")) at = at?.children.get(name) ?? null;
    return at;
  }

  #insert(path: BytePath, watched: Watched): void {
    if (path === "") {
      this.#root = watched;
      return;
    }
    const [parent, name] = splitLast(path);
    const above = this.#find(parent);
    if (above === null) disarm(watched); // its parent went away in this very moment
    else above.children.set(name, watched);
  }

  #forget(path: BytePath): void {
    const watched = this.#find(path);
    if (watched === null) return;
    disarm(watched);
    const [parent, name] = splitLast(path);
    if (path === "") this.#root = null;
    else this.#find(parent)?.children.delete(name);
  }
}

/**
 * File systems give the inode of a deleted directory to the next one that is made (ext4: nearly always), and
 * the kernel ends a watch with its inode without libuv telling. So the time of birth belongs to the identity. Where a file
 * system does not know it, another time stands in its place, and a directory is at worst watched anew without need.
 */
interface Identity {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly bornNs: bigint;
}

/** A watched directory and those below it. */
interface Watched extends Identity {
  readonly watcher: FSWatcher;
  readonly children: Map<string, Watched>;
}

function isSame(watched: Watched | null, identity: Identity | null): boolean {
  return (
    watched?.dev === identity?.dev &&
    watched?.ino === identity?.ino &&
    watched?.bornNs === identity?.bornNs
  );
}

function disarm({ watcher, children }: Watched): void {
  watcher.close();
  for (const child of children.values()) disarm(child);
}

function splitLast(path: BytePath): [parent: BytePath, name: string] {
  const at = path.lastIndexOf("/");
  return at < 0 ? ["", path] : [path.slice(0, at), path.slice(at + 1)];
}

/** Errors that mean "too many watches", not "no such directory". */
const LIMITS: ReadonlySet<string> = new Set(["ENOSPC", "EMFILE", "ENFILE", "ENOMEM"]);

function readMaxQueuedEvents(): number {
  try {
    return Number(readFileSync("/proc/sys/fs/inotify/max_queued_events", "utf8"));
  } catch {
    return DEFAULT_MAX_QUEUED_EVENTS;
  }
}
