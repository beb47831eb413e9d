import { glob } from "node:fs/promises";
import type { LogCheckpoint } from "@sluice/sources";
import { LogTail, type LogTailOptions, type TailedLines } from "./log-tail.ts";

export interface LogSetOptions extends Omit<LogTailOptions, "log"> {
  /** Absolute paths of logs, or patterns of such. */
  readonly logs: readonly string[];
  /** Logs that are followed at most; the others are told as unavailable. */
  readonly maxLogs: number;
}

/** Follows all logs of a source: those that are named, and those that patterns find, as they come. */
export class LogSet implements AsyncDisposable {
  readonly #options: LogSetOptions;
  readonly #tails = new Map<string, LogTail>();
  /** Whose turn it is to be read first. */
  #turn = 0;

  constructor(options: LogSetOptions) {
    this.#options = options;
  }

  /** Logs that cannot be read at present. */
  get unavailable(): readonly string[] {
    return [...this.#tails].filter(([, tail]) => !tail.isAvailable).map(([log]) => log);
  }

  get count(): number {
    return this.#tails.size;
  }

  async poll(nowMs: number): Promise<void> {
    for (const log of await this.#find()) this.#add(log);
    for (const tail of this.#tails.values()) await tail.poll(nowMs);
  }

  /** Lines that nobody has seen, of each log in turn; null when there are none at present. */
  async read(nowMs: number): Promise<TailedLines | null> {
    const tails = [...this.#tails.values()];
    for (let step = 0; step < tails.length; step++) {
      this.#turn = (this.#turn + 1) % tails.length;
      const lines = (await tails[this.#turn]?.read(nowMs)) ?? null;
      if (lines !== null) return lines;
    }
    return null;
  }

  checkpoints(nowMs: number): readonly LogCheckpoint[] {
    return [...this.#tails.values()].flatMap((tail) => tail.checkpoints(nowMs));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const tail of this.#tails.values()) await tail[Symbol.asyncDispose]();
  }

  /** Logs of an earlier run are followed too, though a pattern may not find them any more: they may have been rotated in mid-read. */
  async #find(): Promise<readonly string[]> {
    const { logs, checkpoints } = this.#options;
    const found = logs.filter((log) => !isPattern(log));
    for await (const log of glob(logs.filter(isPattern))) found.push(log);
    if (this.#tails.size > 0) return found;
    return [...found, ...checkpoints.map(({ log }) => log).filter((log) => this.#isOurs(log))];
  }

  #isOurs(log: string): boolean {
    return this.#options.logs.some(isPattern) || this.#options.logs.includes(log);
  }

  #add(log: string): void {
    const { maxLogs, checkpoints, events } = this.#options;
    if (this.#tails.has(log)) return;
    if (this.#tails.size >= maxLogs) return events.logUnavailable({ log, code: "maxLogs" });
    const own = checkpoints.filter((checkpoint) => checkpoint.log === log);
    this.#tails.set(log, new LogTail({ ...this.#options, log, checkpoints: own }));
  }
}

function isPattern(log: string): boolean {
  return /[*?[{]/u.test(log);
}
