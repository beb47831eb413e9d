import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { LogCheckpoint } from "@sluice/sources";
import type { NginxLogEvents } from "../nginx-log-events.ts";
import { systemCode } from "../system-code.ts";
import { fits } from "./fingerprint.ts";
import { GzipReader, readGzipHead } from "./gzip-reader.ts";
import type { Lines } from "./line-cutter.ts";
import { LineLedger } from "./line-ledger.ts";
import { LogReplacedError, type FileIdentity, type LogReader } from "./log-reader.ts";
import { openPlain, PlainReader, type OpenedPlain } from "./plain-reader.ts";
import { listRotated, type RotatedLog } from "./rotated-logs.ts";

export interface LogTailOptions {
  /** Path of the log that nginx writes. */
  readonly log: string;
  readonly maxLineBytes: number;
  /** Milliseconds for which a rotated file must be quiet: nginx writes to it until it is told to open its logs again. */
  readonly rotateWaitMs: number;
  /** Of an earlier run. */
  readonly checkpoints: readonly LogCheckpoint[];
  readonly events: NginxLogEvents;
}

/** Lines, and the ledger of the file that they stand in. */
export interface TailedLines {
  readonly lines: Lines;
  readonly ledger: LineLedger;
  readonly tooLong: number;
}

/** File systems stamp times with a coarser clock, and another machine's may differ. */
const CLOCK_SLACK_MS = 2000;
/** Finished files remembered for each log, so that a rotated one is known again. */
const MAX_FINISHED = 16;

/**
 * Follows one log through its rotations. `poll` notices them, `read` gives lines, the oldest file's first.
 *
 *     active ──the name means another file──▶ draining ──quiet for rotateWaitMs──▶ finished
 *       └──truncated: what was not read comes from its copy, which drains──▶ active from its beginning
 *
 * - active: what the log's name means. At most one.
 * - draining: rotated; nginx may still write to it, and its descriptor reads on whatever its name has become.
 * - finished: read to its end. Only its checkpoint is kept, until its lines are dealt with and 16 newer ones are finished.
 */
export class LogTail implements AsyncDisposable {
  readonly #options: LogTailOptions;
  /** Those that are read, the active one among them. */
  #files: TailedFile[] = [];
  #active: TailedFile | null = null;
  /** Oldest first. */
  #finished: FinishedFile[];
  #failure: string | null = null;
  #isFirstPoll = true;
  #nowMs = 0;
  #polledAtMs = 0;
  /** Of the log's folder, when it was last listed. */
  #folderMtimeNs = 0n;

  constructor(options: LogTailOptions) {
    this.#options = options;
    // One without a fingerprint is of a file that was empty: it says only that we have been here.
    this.#finished = options.checkpoints
      .filter(({ fingerprint }) => fingerprint.length > 0)
      .map((checkpoint) => ({ checkpoint, ledger: new LineLedger(checkpoint.offset) }));
  }

  get isAvailable(): boolean {
    return this.#failure === null;
  }

  /** How many files are open. */
  get openFiles(): number {
    return this.#files.length;
  }

  checkpoints(nowMs: number): readonly LogCheckpoint[] {
    const open = this.#files.map(({ reader, ledger }) => ({
      log: this.#options.log,
      fingerprint: reader.fingerprint,
      offset: ledger.doneUntil,
      isFinished: false,
      updatedAtMs: nowMs,
    }));
    const finished = this.#finished.map(({ checkpoint, ledger }) => ({
      ...checkpoint,
      offset: ledger.doneUntil,
      isFinished: checkpoint.isFinished && ledger.isEmpty,
    }));
    return [...finished, ...open];
  }

  /** Looks whether the log's name means another file by now. */
  async poll(nowMs: number): Promise<void> {
    this.#nowMs = nowMs;
    let opened: OpenedPlain | null;
    try {
      if (await this.#isUnchanged()) {
        this.#available();
        // Of an empty file nothing tells whether it was written to, copied and truncated since.
        if (this.#active?.reader.fingerprint.length === 0) await this.#catchUp(null);
        this.#polledAtMs = nowMs;
        return;
      }
      opened = await openPlain(this.#options.log);
    } catch (error) {
      this.#unavailable(systemCode(error));
      await this.#catchUp(null);
      this.#polledAtMs = nowMs;
      return;
    }
    if (opened === null) return this.#unavailable("not a file");
    this.#available();
    if (this.#active !== null) {
      this.#options.events.logRotated({ log: this.#options.log, how: "renamed" });
      this.#active.isDraining = true;
      this.#active = null;
    }
    await this.#catchUp(opened);
    const known = this.#takeKnown(opened.head, opened.sizeBytes);
    this.#active = this.#addPlain(opened, known, { file: this.#options.log, isDraining: false });
    this.#polledAtMs = nowMs;
  }

  /** Lines that nobody has seen; null when there are none at present. */
  async read(nowMs: number): Promise<TailedLines | null> {
    this.#nowMs = nowMs;
    // Closing a file makes a new list, so this one stays as it is.
    for (const file of this.#files) {
      try {
        const lines = await file.reader.read();
        const tooLong = file.reader.takeTooLong();
        if (lines !== null || tooLong > 0) {
          file.quietSinceMs = null;
          file.ledger.readUntil(file.reader.at);
          if (lines !== null) return { lines, ledger: file.ledger, tooLong };
          return { lines: { text: "", at: file.reader.at }, ledger: file.ledger, tooLong };
        }
        if (!file.isDraining) continue;
        file.quietSinceMs ??= nowMs;
        if (nowMs - file.quietSinceMs < this.#options.rotateWaitMs && !file.isCompressed) continue;
        const rest = await this.#finish(file);
        if (rest !== null) return { lines: rest, ledger: file.ledger, tooLong: 0 };
      } catch (error) {
        if (error instanceof LogReplacedError) await this.#replaced(file);
        else await this.#damaged(file, error);
      }
    }
    return null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { reader } of this.#files) await reader[Symbol.asyncDispose]();
    this.#files = [];
    this.#active = null;
  }

  async #isUnchanged(): Promise<boolean> {
    const identity = this.#active?.identity ?? null;
    if (identity === null) return false;
    const { dev, ino } = await stat(this.#options.log, { bigint: true });
    return dev === identity.dev && ino === identity.ino;
  }

  /**
   * Reads what was rotated away since the log was last looked at: files that are known and not read to their end, and unknown ones that
   * were written to since. `opened`: what its name means now.
   */
  async #catchUp(opened: OpenedPlain | null): Promise<void> {
    const isFirst = this.#isFirstPoll;
    this.#isFirstPoll = false;
    if (!(await this.#hasFolderChanged())) return;
    const { checkpoints } = this.#options;
    if (isFirst && checkpoints.length === 0) return; // never read before: what was rotated by then is history
    const since = isFirst
      ? Math.max(...checkpoints.map(({ updatedAtMs }) => updatedAtMs))
      : this.#polledAtMs;
    const rotated = await listRotated(this.#options.log);
    const wanted: (() => Promise<void>)[] = [];
    let isKnown = opened !== null && this.#isKnown(opened.head);
    for (const candidate of rotated) {
      const look = await this.#lookAt(candidate);
      if (look === null) continue;
      if (this.#isOpen(look)) {
        isKnown = true;
      } else if (this.#isKnown(look.head)) {
        isKnown = true;
        wanted.push(async () => await this.#addRotated(candidate, look.head));
      } else if (candidate.modifiedAtMs >= since - CLOCK_SLACK_MS) {
        wanted.push(async () => await this.#addRotated(candidate, look.head));
      }
    }
    if (isFirst && !isKnown && this.#finished.length > 0) {
      this.#options.events.linesLost({ log: this.#options.log, reason: "file-gone" });
    }
    for (const add of wanted.toReversed()) await add();
  }

  async #hasFolderChanged(): Promise<boolean> {
    const stats = await stat(dirname(this.#options.log), { bigint: true }).catch(() => null); // told as unavailable
    if (stats === null || stats.mtimeNs === this.#folderMtimeNs) return false;
    this.#folderMtimeNs = stats.mtimeNs;
    return true;
  }

  async #lookAt({ path, isCompressed }: RotatedLog): Promise<LookedAtLog | null> {
    try {
      if (isCompressed) return { head: await readGzipHead(path), identity: null };
      const opened = await openPlain(path);
      await opened?.file.close();
      return opened;
    } catch {
      return null; // rotated on, not ours to read, or no gzip: it is not the file that is looked for
    }
  }

  async #addRotated({ path, isCompressed }: RotatedLog, head: Buffer): Promise<void> {
    if (isCompressed) {
      const known = this.#takeKnown(head, Number.POSITIVE_INFINITY);
      if (known?.checkpoint.isFinished === true) return this.#keepFinished(known);
      const at = known?.checkpoint.offset ?? 0;
      const reader = new GzipReader(path, { head, at, maxLineBytes: this.#options.maxLineBytes });
      this.#add({ reader, identity: null, known, file: path, isDraining: true });
      return;
    }
    const opened = await openPlain(path).catch(() => null); // gone since it was listed
    if (opened === null) return;
    const known = this.#takeKnown(opened.head, opened.sizeBytes);
    if (known?.checkpoint.isFinished === true) {
      await opened.file.close();
      return this.#keepFinished(known);
    }
    this.#addPlain(opened, known, { file: path, isDraining: true });
  }

  #addPlain(
    opened: OpenedPlain,
    known: FinishedFile | null,
    { file, isDraining }: { readonly file: string; readonly isDraining: boolean },
  ): TailedFile {
    const at = known?.checkpoint.offset ?? 0;
    const reader = new PlainReader(opened, { at, maxLineBytes: this.#options.maxLineBytes });
    return this.#add({ reader, identity: opened.identity, known, file, isDraining });
  }

  #add({
    reader,
    identity,
    known,
    file,
    isDraining,
  }: {
    readonly reader: LogReader;
    readonly identity: FileIdentity | null;
    readonly known: FinishedFile | null;
    readonly file: string;
    readonly isDraining: boolean;
  }): TailedFile {
    const added: TailedFile = {
      reader,
      identity,
      ledger: known?.ledger ?? new LineLedger(reader.at),
      isDraining,
      isCompressed: identity === null,
      quietSinceMs: null,
    };
    this.#files.push(added);
    this.#options.events.logOpened({ log: this.#options.log, file, offset: reader.at });
    return added;
  }

  /** Truncated: what was not read of it lies in its copy, if there is one, and is found like everything that was rotated. */
  async #replaced(file: TailedFile): Promise<void> {
    const { log, events } = this.#options;
    events.logRotated({ log, how: "truncated" });
    await this.#close(file, { isFinished: false });
    this.#folderMtimeNs = 0n;
    if (this.#active === null) await this.poll(this.#nowMs);
    else await this.#catchUp(null); // it was rotated besides, and what it holds now is unknown
    const isFound = this.#files.some(({ ledger }) => ledger === file.ledger);
    // With a copy, what nginx wrote between the copy and the truncation is nowhere.
    events.linesLost({ log, reason: isFound ? "truncated" : "copy-not-found" });
  }

  async #damaged(file: TailedFile, error: unknown): Promise<void> {
    const { log, events } = this.#options;
    await this.#close(file, { isFinished: file.isDraining });
    if (file.isDraining) events.linesLost({ log, reason: "damaged" });
    else this.#unavailable(systemCode(error));
  }

  /** Returns what follows the last line break. */
  async #finish(file: TailedFile): Promise<Lines | null> {
    const rest = file.reader.finish();
    file.ledger.readUntil(file.reader.at);
    await this.#close(file, { isFinished: true });
    return rest;
  }

  /** Closes a file and keeps its checkpoint. */
  async #close(file: TailedFile, { isFinished }: { readonly isFinished: boolean }): Promise<void> {
    const { reader, ledger } = file;
    this.#files = this.#files.filter((other) => other !== file);
    if (this.#active === file) this.#active = null;
    await reader[Symbol.asyncDispose]();
    const checkpoint = {
      log: this.#options.log,
      fingerprint: reader.fingerprint,
      offset: reader.at,
      isFinished,
      updatedAtMs: this.#nowMs,
    };
    this.#keepFinished({ checkpoint, ledger });
  }

  #keepFinished(file: FinishedFile): void {
    this.#finished.push(file);
    while (this.#finished.length > MAX_FINISHED) {
      const oldest = this.#finished.findIndex(({ ledger }) => ledger.isEmpty);
      if (oldest === -1) return;
      this.#finished.splice(oldest, 1);
    }
  }

  /** By its first bytes, or as the very file: of an open file the inode is not used again. */
  #isOpen({ head, identity }: LookedAtLog): boolean {
    return this.#files.some(
      (file) =>
        fits(head, file.reader.fingerprint) ||
        (identity !== null &&
          file.identity?.dev === identity.dev &&
          file.identity.ino === identity.ino),
    );
  }

  #isKnown(head: Buffer): boolean {
    return this.#finished.some(({ checkpoint }) => fits(head, checkpoint.fingerprint));
  }

  /** What is remembered of a file, which is then no longer remembered. */
  #takeKnown(head: Buffer, sizeBytes: number): FinishedFile | null {
    const index = this.#finished.findLastIndex(
      ({ checkpoint }) => fits(head, checkpoint.fingerprint) && checkpoint.offset <= sizeBytes,
    );
    return index === -1 ? null : (this.#finished.splice(index, 1)[0] ?? null);
  }

  #unavailable(code: string): void {
    const { log, events } = this.#options;
    if (this.#failure !== code) events.logUnavailable({ log, code });
    this.#failure = code;
    // Its name means nothing now: what it was is drained, and found again by its first bytes should it come back.
    if (this.#active !== null && code === "ENOENT") {
      this.#active.isDraining = true;
      this.#active = null;
    }
  }

  #available(): void {
    const { log, events } = this.#options;
    if (this.#failure !== null) events.logRecovered({ log });
    this.#failure = null;
  }
}

interface LookedAtLog {
  readonly head: Buffer;
  /** Null: compressed. */
  readonly identity: FileIdentity | null;
}

interface TailedFile {
  readonly reader: LogReader;
  /** Null: compressed. */
  readonly identity: FileIdentity | null;
  readonly ledger: LineLedger;
  readonly isCompressed: boolean;
  isDraining: boolean;
  /** Since when nothing came, of a draining one; null: something has just come. */
  quietSinceMs: number | null;
}

interface FinishedFile {
  readonly checkpoint: LogCheckpoint;
  readonly ledger: LineLedger;
}
