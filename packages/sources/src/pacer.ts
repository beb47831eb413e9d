import type { Clock } from "./clock.ts";

/** A part of every day, in minutes from its midnight; over midnight where `from` is the later one. */
export interface DailyHours {
  readonly from: number;
  readonly until: number;
}

/** How much of the workers a source may take, and when. */
export interface Pace {
  /** Objects that are handed over per second, in the mean; null: as fast as the queue takes them. */
  readonly maxPerSecond: number | null;
  /** Hours in which nothing is handed over. */
  readonly quietHours: readonly DailyHours[];
  /** IANA name of the zone whose day it is, such as Europe/Berlin. */
  readonly timeZone: string;
}

/** How long a wait is before the hour is looked at again: clocks are put forward and back. */
const LONGEST_DELAY_MS = 60_000;

/**
 * Says when the next chunk may go. The mean rate is kept by debt: a chunk goes as soon as the ones before it are paid
 * for, whatever its size, and idle time saves up one second at most.
 */
export class Pacer {
  readonly #pace: Pace;
  readonly #clock: Clock;
  readonly #hour: Intl.DateTimeFormat;
  /** When everything that was sent is paid for. */
  #paidAtMs = 0;

  constructor(pace: Pace, clock: Clock) {
    this.#pace = pace;
    this.#clock = clock;
    const { timeZone } = pace;
    const format = { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
    this.#hour = new Intl.DateTimeFormat("en-GB", format);
  }

  /** Milliseconds until a chunk may go, 0: now; to be asked again after them. */
  get delayMs(): number {
    const nowMs = this.#clock.nowMs();
    if (this.#isQuiet(nowMs)) return LONGEST_DELAY_MS;
    return Math.min(LONGEST_DELAY_MS, Math.max(0, Math.ceil(this.#paidAtMs - nowMs)));
  }

  /** A chunk of so many objects was handed over. */
  sent(objects: number): void {
    const { maxPerSecond } = this.#pace;
    if (maxPerSecond === null) return;
    const nowMs = this.#clock.nowMs();
    this.#paidAtMs = Math.max(this.#paidAtMs, nowMs - 1000) + (1000 * objects) / maxPerSecond;
  }

  #isQuiet(nowMs: number): boolean {
    if (this.#pace.quietHours.length === 0) return false;
    const [hours = 0, minutes = 0] = this.#hour.format(nowMs).split(":").map(Number);
    const minute = hours * 60 + minutes;
    return this.#pace.quietHours.some(({ from, until }) =>
      from < until ? minute >= from && minute < until : minute >= from || minute < until,
    );
  }
}
