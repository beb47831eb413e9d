import type { Answer, Sha256, SettledJob, SourceName, UploadId } from "@sluice/contracts";
import type { Clock } from "../clock.ts";
import type { Journal } from "../journal.ts";
import type { AnswerBook } from "./answer-book.ts";
import { UploadsFullError, type Spool } from "./spool.ts";
import { newUploadId, pathOfUpload, uploadAt } from "./upload-id.ts";

export interface UploadDeskOptions {
  readonly source: SourceName;
  readonly spool: Spool;
  readonly journal: Journal;
  readonly answers: AnswerBook;
  readonly clock: Clock;
  /** Uploads that may wait for their decision; more are refused. Too low: refusals; too high: a full disk. */
  readonly maxPending: number;
  /** Largest upload, bytes. */
  readonly maxBytes: number;
  /** How long an answer can be asked for. */
  readonly answersKeptMs: number;
  /** Called when the journal has new rows in line. */
  readonly onSeen: () => void;
}

export interface AcceptedUpload {
  readonly id: UploadId;
  readonly sizeBytes: number;
  readonly sha256: Sha256;
}

export type UploadState =
  | { readonly kind: "unknown" }
  | { readonly kind: "pending" }
  | { readonly kind: "answered"; readonly answer: Answer };

/**
 * Takes uploads in and gives answers out.
 *
 *     receiving ── stored and journalled ──▶ pending ── notice of the decision ──▶ answered ── answersKeptMs ──▶ unknown
 *
 * Invariants: an accepted upload is durable and in the journal, so it is decided whatever dies; what a crash took from the
 * journal is found again in the spool by `recover`; everybody who waits for an upload is told when its answer comes.
 */
export class UploadDesk {
  readonly #options: UploadDeskOptions;
  /** Accepted and not decided; those of an earlier run too, once recovered. */
  readonly #pending = new Set<UploadId>();
  /** Being received; they have their place already. */
  #receiving = 0;
  readonly #waiting = new Map<UploadId, Set<(answer: Answer) => void>>();

  constructor(options: UploadDeskOptions) {
    this.#options = options;
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  /** Puts what lies in the spool from an earlier run in line again. To be called once, before anything is accepted. */
  async recover(): Promise<void> {
    const { source, spool, journal, onSeen } = this.#options;
    for await (const objects of spool.list()) {
      const uploads = objects.filter(({ path }) => uploadAt(path) !== null);
      if (journal.see(source, uploads) > 0) onSeen();
      for (const { path } of journal.undecided(source, uploads)) {
        const id = uploadAt(path);
        if (id !== null) this.#pending.add(id);
      }
    }
  }

  /**
   * Takes an upload in; it will be decided when the promise resolves, whatever happens.
   *
   * @param id of an upload that is known by something of its own; otherwise it gets one that nobody guesses
   * @throws UploadsFullError, UploadTooLargeError, UploadEmptyError, and what `bytes` throws; nothing is left then
   */
  async accept(
    bytes: AsyncIterable<Uint8Array>,
    { id = newUploadId() }: { readonly id?: UploadId } = {},
  ): Promise<AcceptedUpload> {
    const { source, spool, journal, maxPending, maxBytes, onSeen } = this.#options;
    if (this.#pending.size + this.#receiving >= maxPending) throw new UploadsFullError(maxPending);
    this.#receiving += 1;
    try {
      const { object, sha256, durable } = await spool.store(pathOfUpload(id), bytes, { maxBytes });
      this.#pending.add(id);
      journal.see(source, [object]);
      onSeen(); // the disk and the worker may go on at the same time
      await durable;
      return { id, sizeBytes: object.sizeBytes, sha256 };
    } finally {
      this.#receiving -= 1;
    }
  }

  state(id: UploadId): UploadState {
    const answer = this.#options.answers.read(id);
    if (answer !== null) return { kind: "answered", answer };
    return { kind: this.#pending.has(id) ? "pending" : "unknown" };
  }

  /** Waits for an answer; null when the signal comes first, or nothing is known of the upload. */
  async wait(id: UploadId, signal: AbortSignal): Promise<Answer | null> {
    const state = this.state(id);
    if (state.kind === "answered") return state.answer;
    if (state.kind === "unknown" || signal.aborted) return null;
    const { promise, resolve } = Promise.withResolvers<Answer | null>();
    const waiting = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, waiting.add(resolve));
    const giveUp = (): void => resolve(null);
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      return await promise;
    } finally {
      signal.removeEventListener("abort", giveUp);
      waiting.delete(resolve);
      if (waiting.size === 0) this.#waiting.delete(id);
    }
  }

  /** Moderation's notice. May come twice, and for uploads of an earlier run. */
  settled(notice: SettledJob): void {
    const { source, spool, journal, answers, clock, answersKeptMs } = this.#options;
    const nowMs = clock.nowMs();
    for (const { path, answer } of notice.objects) {
      const id = uploadAt(path);
      if (id === null) continue;
      if (notice.isDone !== false) this.#pending.delete(id);
      if (answer === undefined) continue;
      answers.write(id, answer, nowMs);
      for (const tell of this.#waiting.get(id) ?? []) tell(answer);
    }
    if (notice.isDone === false) return;
    journal.decide(source, notice.objects);
    journal.forget(
      source,
      notice.objects.filter(({ path }) => !spool.has(path)),
    );
    answers.forget(nowMs - answersKeptMs);
  }
}
