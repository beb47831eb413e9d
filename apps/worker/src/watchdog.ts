/**
 * Calls `onHung` when nothing was heard for `limitMs`. Started when somebody waits for an answer, told of every sign of
 * life, stopped when nobody waits any more.
 */
export class Watchdog {
  readonly #onHung: () => void;
  #timer: NodeJS.Timeout | null = null;
  #limitMs: number;

  constructor(limitMs: number, onHung: () => void) {
    this.#limitMs = limitMs;
    this.#onHung = onHung;
  }

  /** Takes effect with the next start or sign of life. */
  set limitMs(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** Somebody waits from now on; a wait that is under way goes on as it was. */
  start(): void {
    if (this.#timer === null) this.#arm();
  }

  /** Something was heard. */
  heard({ isAnybodyWaiting }: { isAnybodyWaiting: boolean }): void {
    this.stop();
    if (isAnybodyWaiting) this.#arm();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #arm(): void {
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#onHung();
    }, this.#limitMs);
    this.#timer.unref(); // it must not keep a process alive that has nothing else to do
  }
}
