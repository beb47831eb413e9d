import type { Clock } from "./clock.ts";

/** Lets a loop sleep until a time or a wake; a wake that comes while it works keeps it from falling asleep. */
export class Sleeper {
  readonly #clock: Clock;
  #isWoken = false;
  /** Set exactly while asleep. */
  #end: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  wake(): void {
    this.#isWoken = true;
    this.#end?.();
  }

  /** Begins a round of work: earlier wakes are answered by it. */
  startRound(): void {
    this.#isWoken = false;
  }

  /** Resolves at `untilMs`, or when woken, or at once when that happened since the round began. */
  async sleep(untilMs: number): Promise<void> {
    if (this.#isWoken) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const delayMs = Math.max(0, untilMs - this.#clock.nowMs());
    const cancel = Number.isFinite(delayMs)
      ? this.#clock.schedule(delayMs, () => this.wake())
      : () => undefined;
    this.#end = resolve;
    await promise;
    this.#end = null;
    cancel();
  }
}
