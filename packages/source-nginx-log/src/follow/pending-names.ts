import type { ObjectPath } from "@sluice/contracts";
import { DueHeap } from "@sluice/sources";
import type { LineLedger } from "../tail/line-ledger.ts";

export interface PendingNamesOptions {
  /** Lines that may wait for their objects, at most; above, nothing more is read. */
  readonly maxOpenLines: number;
  /** For how long a named object that is not there is looked for. */
  readonly waitForFileMs: number;
}

/** The first wait for something that is not there; each is twice the one before it. */
const FIRST_WAIT_MS = 250;

/**
 * Objects that lines have named and that are not dealt with: not looked at, too young, or not there yet. Every line behind them stays
 * open in its ledger, so that the checkpoint of its log does not pass it.
 */
export class PendingNames {
  readonly #options: PendingNamesOptions;
  readonly #names = new Map<ObjectPath, PendingName>();
  readonly #due = new DueHeap<ObjectPath>();
  #lines = 0;

  constructor(options: PendingNamesOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#names.size;
  }

  get hasRoom(): boolean {
    return this.#lines < this.#options.maxOpenLines;
  }

  get nextDueMs(): number | null {
    return this.#due.nextDueMs;
  }

  add(
    path: ObjectPath,
    {
      ledger,
      at,
      isCertain,
      nowMs,
    }: {
      readonly ledger: LineLedger;
      readonly at: number;
      readonly isCertain: boolean;
      readonly nowMs: number;
    },
  ): void {
    ledger.open(at);
    this.#lines += 1;
    const known = this.#names.get(path);
    if (known === undefined) {
      const lines = [{ ledger, at }];
      this.#names.set(path, { lines, isCertain, giveUpAtMs: this.#giveUpAt(nowMs), waits: 0 });
    } else {
      known.lines.push({ ledger, at });
      known.isCertain ||= isCertain;
      known.giveUpAtMs = this.#giveUpAt(nowMs);
    }
    this.#due.add(path, nowMs); // also where it was known: it may be another version by now
  }

  /** Names to look at now, each once. */
  take(nowMs: number, limit: number): readonly ObjectPath[] {
    const taken = new Set<ObjectPath>();
    while (taken.size < limit) {
      const path = this.#due.take(nowMs);
      if (path === undefined) break;
      if (this.#names.has(path)) taken.add(path);
    }
    return [...taken];
  }

  has(path: ObjectPath): boolean {
    return this.#names.has(path);
  }

  /** The object is known by another path. */
  rename(from: ObjectPath, to: ObjectPath): void {
    const moved = this.#names.get(from);
    if (moved === undefined || from === to) return;
    this.#names.delete(from);
    const there = this.#names.get(to);
    if (there === undefined) this.#names.set(to, moved);
    else there.lines.push(...moved.lines);
  }

  lookAgain(path: ObjectPath, atMs: number): void {
    if (this.#names.has(path)) this.#due.add(path, atMs);
  }

  /** Nothing is there. Returns what to say of it when it was looked for long enough, null while it is still looked for. */
  missing(path: ObjectPath, nowMs: number): "missing" | "maybe-missing" | null {
    const name = this.#names.get(path);
    if (name === undefined) return null;
    if (nowMs < name.giveUpAtMs) {
      const waitMs = FIRST_WAIT_MS * 2 ** name.waits;
      name.waits += 1;
      this.#due.add(path, Math.min(nowMs + waitMs, name.giveUpAtMs));
      return null;
    }
    const { isCertain } = name;
    this.done(path);
    return isCertain ? "missing" : "maybe-missing";
  }

  /** The lines that named it need not be read again. Returns whether it was pending. */
  done(path: ObjectPath): boolean {
    const name = this.#names.get(path);
    if (name === undefined) return false;
    this.#names.delete(path);
    this.#lines -= name.lines.length;
    for (const { ledger, at } of name.lines) ledger.close(at);
    return true;
  }

  #giveUpAt(nowMs: number): number {
    return nowMs + this.#options.waitForFileMs;
  }
}

interface PendingName {
  readonly lines: { readonly ledger: LineLedger; readonly at: number }[];
  isCertain: boolean;
  giveUpAtMs: number;
  /** How often nothing was there. */
  waits: number;
}
