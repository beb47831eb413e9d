import { opendirSync, type Dir } from "node:fs";
import { fromBytes, isWithinDepth, joinPath, resolveBelow, type BytePath } from "./byte-path.ts";
import { errorCode } from "./error-code.ts";
import type { Found, LookOptions } from "./found.ts";
import { lookAt } from "./look-at.ts";
import type { PathRule } from "./path-rule.ts";

export interface ListingOptions extends LookOptions {
  readonly isIgnored: PathRule;
  /** Directories between the folder and a file, at most; deeper ones are not entered. */
  readonly maxDepth: number;
  /** Where to begin; "" is the folder itself. */
  readonly from: BytePath;
  readonly isRecursive: boolean;
}

/** Entries per batch, over as many directories as it takes: a batch takes a millisecond or two, and becomes one transaction. */
const BATCH = 256;

/**
 * Lists what lies below a directory a batch at a time, with a bounded number of entries in memory however large a
 * directory is. What vanishes or changes meanwhile is reported as it was found; a directory that cannot be read is reported
 * and passed over.
 */
export class Listing {
  readonly #options: ListingOptions;
  readonly #pending: BytePath[];
  /** The directory that is being read. */
  #open: { readonly path: BytePath; readonly directory: Dir } | null = null;

  constructor(options: ListingOptions) {
    this.#options = options;
    this.#pending = [options.from];
  }

  /** The next entries; none at all when everything has been listed. */
  next(): Found[] {
    const batch: Found[] = [];
    while (batch.length < BATCH) {
      if (this.#open === null && !this.#openNext(batch)) break;
      this.#readSome(batch);
    }
    return batch;
  }

  /** Ends it early. May be called twice. */
  close(): void {
    this.#open?.directory.closeSync();
    this.#open = null;
    this.#pending.length = 0;
  }

  #openNext(batch: Found[]): boolean {
    const path = this.#pending.pop();
    if (path === undefined) return false;
    try {
      // This follows a link at the end of the path; one that was put in place of the directory just now is caught by
      // the worker, which opens every file without following and checks where it really lies.
      const directory = opendirSync(resolveBelow(this.#options.folder, path), NAMES_AS_BYTES);
      this.#open = { path, directory };
    } catch (error) {
      batch.push(describeUnlisted(path, error));
    }
    return true;
  }

  #readSome(batch: Found[]): void {
    if (this.#open === null) return;
    const { path, directory } = this.#open;
    try {
      while (batch.length < BATCH) {
        const entry = directory.readSync();
        if (entry === null) break;
        this.#take(joinPath(path, nameOf(entry)), batch);
      }
      if (batch.length >= BATCH) return;
    } catch (error) {
      batch.push(describeUnlisted(path, error));
    }
    directory.closeSync();
    this.#open = null;
  }

  #take(path: BytePath, batch: Found[]): void {
    const { isIgnored, isRecursive, maxDepth } = this.#options;
    if (isIgnored(path)) {
      batch.push({ kind: "skipped", path, reason: "ignored" });
      return;
    }
    const found = lookAt(path, this.#options);
    const isBelow = isRecursive && found.kind === "directory";
    if (isBelow && !isWithinDepth(path, maxDepth)) {
      batch.push({ kind: "skipped", path, reason: "too-deep" });
      return;
    }
    batch.push(found);
    if (isBelow) this.#pending.push(path);
  }
}

/** Declared without its type, because the declarations of Node do not know that names can come as bytes. */
const NAMES_AS_BYTES: object = { encoding: "buffer", bufferSize: BATCH };

function nameOf(entry: { readonly name: unknown }): BytePath {
  if (!(entry.name instanceof Uint8Array)) throw new TypeError("expected names as bytes");
  return fromBytes(entry.name);
}

function describeUnlisted(path: BytePath, error: unknown): Found {
  const code = errorCode(error);
  return code === "ENOENT" ? { kind: "missing", path } : { kind: "unreadable", path, code };
}
