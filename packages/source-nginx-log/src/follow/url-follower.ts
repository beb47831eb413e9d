import { createHash } from "node:crypto";
import { uploadIdSchema, type SourceName, type UploadId } from "@sluice/contracts";
import { DueHeap, isRetryable, type Clock } from "@sluice/sources";
import type { NginxLogEvents } from "../nginx-log-events.ts";
import type { LineLedger } from "../tail/line-ledger.ts";
import type { NameFollower, NamingLine } from "./name-follower.ts";

/** Port: where fetched uploads go. */
export interface UploadSink {
  /** Whether it was taken before. */
  has(id: UploadId): boolean;
  /** Resolves when it will be decided whatever happens. Rejects with what `bytes` throws, too; nothing is kept then. */
  take(id: UploadId, bytes: AsyncIterable<Uint8Array>): Promise<void>;
}

export interface UrlFollowerOptions {
  readonly source: SourceName;
  readonly sink: UploadSink;
  /** The bytes at an address, behind a guard. */
  readonly read: (url: string, signal: AbortSignal) => AsyncIterable<Uint8Array>;
  readonly clock: Clock;
  readonly events: Pick<NginxLogEvents, "nameFollowed">;
  readonly maxConcurrent: number;
  readonly maxOpenLines: number;
  /** For how long an address that does not answer is tried. */
  readonly waitForFileMs: number;
  readonly onFailed: (error: unknown) => void;
}

const FIRST_WAIT_MS = 500;

/**
 * Fetches what lines name into a spool. An upload's id is derived from its line and its address, so that a line which is read again
 * after a crash is the upload that it was, and is not fetched twice while anything is known of it.
 */
export class UrlFollower implements NameFollower<string> {
  readonly #options: UrlFollowerOptions;
  readonly #waiting = new Map<UploadId, Wanted>();
  readonly #due = new DueHeap<UploadId>();
  readonly #running = new Map<UploadId, Promise<void>>();
  readonly #stop = new AbortController();

  constructor(options: UrlFollowerOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#waiting.size;
  }

  get hasRoom(): boolean {
    return this.#waiting.size < this.#options.maxOpenLines;
  }

  readonly isAvailable = true;

  get nextDueMs(): number | null {
    return this.#running.size < this.#options.maxConcurrent ? this.#due.nextDueMs : null;
  }

  add(url: string, { ledger, at, text }: NamingLine): void {
    const { sink, events, clock, waitForFileMs, source } = this.#options;
    const id = idOf(source, text, url);
    if (this.#waiting.has(id)) return;
    if (sink.has(id)) return events.nameFollowed({ result: "known" });
    ledger.open(at);
    const nowMs = clock.nowMs();
    this.#waiting.set(id, { url, ledger, at, giveUpAtMs: nowMs + waitForFileMs, tries: 0 });
    this.#due.add(id, nowMs);
  }

  async work(): Promise<boolean> {
    return await Promise.resolve(this.#startSome());
  }

  /** Ends what is under way; its lines stay open. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error("the source stops"));
    await Promise.all(this.#running.values());
  }

  #startSome(): boolean {
    const { clock, maxConcurrent } = this.#options;
    let hasStarted = false;
    while (this.#running.size < maxConcurrent && !this.#stop.signal.aborted) {
      const id = this.#due.take(clock.nowMs());
      if (id === undefined) break;
      const wanted = this.#waiting.get(id);
      if (wanted === undefined) continue;
      hasStarted = true;
      const running = this.#run(id, wanted);
      this.#running.set(id, running);
    }
    return hasStarted;
  }

  /** Never rejects. When it is over the next one begins. */
  async #run(id: UploadId, wanted: Wanted): Promise<void> {
    try {
      await this.#fetch(id, wanted);
    } catch (error) {
      this.#options.onFailed(error);
    }
    this.#running.delete(id);
    this.#startSome();
  }

  async #fetch(id: UploadId, wanted: Wanted): Promise<void> {
    const { sink, read, clock } = this.#options;
    const { signal } = this.#stop;
    try {
      await sink.take(id, read(wanted.url, signal));
      this.#done(id, wanted, "fetched");
    } catch (error) {
      if (signal.aborted) return;
      if (!isKnownFailure(error)) throw error;
      if (!isRetryable(error)) return this.#done(id, wanted, "fetch-refused");
      const nowMs = clock.nowMs();
      if (nowMs >= wanted.giveUpAtMs) return this.#done(id, wanted, "fetch-failed");
      const waitMs = FIRST_WAIT_MS * 2 ** wanted.tries;
      this.#due.add(id, Math.min(nowMs + waitMs, wanted.giveUpAtMs));
      wanted.tries += 1;
    }
  }

  #done(
    id: UploadId,
    { ledger, at }: Wanted,
    result: "fetched" | "fetch-refused" | "fetch-failed",
  ): void {
    this.#waiting.delete(id);
    ledger.close(at);
    this.#options.events.nameFollowed({ result });
  }
}

interface Wanted {
  readonly url: string;
  readonly ledger: LineLedger;
  readonly at: number;
  readonly giveUpAtMs: number;
  tries: number;
}

/** Errors of ours say whether trying again may help; anything else is a bug. */
function isKnownFailure(error: unknown): boolean {
  return error instanceof Error && "retryable" in error;
}

/** Not as secret as other ids: nobody can ask for the answers of this source. */
function idOf(source: SourceName, line: string, url: string): UploadId {
  const hash = createHash("sha256").update(`${source}\n${url}\n`).update(line, "latin1");
  return uploadIdSchema.parse(`u${hash.digest("hex").slice(0, 40)}`);
}
