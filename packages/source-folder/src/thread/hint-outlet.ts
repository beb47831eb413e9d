import { HintBox } from "../hint-box.ts";
import type { ThreadReport } from "./thread-messages.ts";
import type { WatcherSink } from "./watcher.ts";

/** Hints that wait for the main loop, each path once; above this everything is listed instead. */
const MAX_HINTS = 50_000;

/** Sends hints to the main loop, a batch at a time, the next one when the last has been taken. */
export class HintOutlet {
  readonly #report: (report: ThreadReport) => void;
  readonly #box = new HintBox(MAX_HINTS);
  /** True between a batch and its `taken`. */
  #isAwaited = false;
  #isScheduled = false;

  constructor(report: (report: ThreadReport) => void) {
    this.#report = report;
  }

  get sink(): WatcherSink {
    return {
      entry: (path) => {
        this.#box.addEntry(path);
        this.#schedule();
      },
      directory: (path) => {
        this.#box.addDirectory(path);
        this.#schedule();
      },
      overflowed: () => {
        this.#box.overflow();
        this.#schedule();
      },
      failed: (code) => this.#report({ type: "failed", code }),
      recovered: () => this.#report({ type: "recovered" }),
    };
  }

  taken(): void {
    this.#isAwaited = false;
    if (!this.#box.isEmpty) this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isAwaited) return;
    this.#isScheduled = true;
    setImmediate(() => this.#send());
  }

  #send(): void {
    this.#isScheduled = false;
    this.#isAwaited = true;
    const isOverflowed = this.#box.takeOverflow();
    const hints = this.#box.take({ maxEntries: MAX_HINTS, maxDirectories: MAX_HINTS });
    this.#report({ type: "hints", isOverflowed, ...hints });
  }
}
