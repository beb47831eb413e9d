import type { BytePath } from "./byte-path.ts";
import type { Hints } from "./notifier.ts";

/**
 * Hints on their way, each path once, in bounded memory: when there are too many they are dropped for one
 * statement, that everything has to be listed.
 */
export class HintBox {
  readonly #maxHints: number;
  readonly #entries = new Set<BytePath>();
  readonly #directories = new Set<BytePath>();
  #isOverflowed = false;

  constructor(maxHints: number) {
    this.#maxHints = maxHints;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0 && this.#directories.size === 0 && !this.#isOverflowed;
  }

  addEntry(path: BytePath): void {
    this.#entries.add(path);
    this.#limit();
  }

  addDirectory(path: BytePath): void {
    this.#directories.add(path);
    this.#limit();
  }

  overflow(): void {
    this.#isOverflowed = true;
  }

  /** Takes out up to so many of each kind. */
  take({ maxEntries, maxDirectories }: { maxEntries: number; maxDirectories: number }): Hints {
    return {
      entries: takeSome(this.#entries, maxEntries),
      directories: takeSome(this.#directories, maxDirectories),
    };
  }

  /** Whether hints were lost since this was last asked. */
  takeOverflow(): boolean {
    const isOverflowed = this.#isOverflowed;
    this.#isOverflowed = false;
    return isOverflowed;
  }

  #limit(): void {
    if (this.#entries.size + this.#directories.size <= this.#maxHints) return;
    this.#entries.clear();
    this.#directories.clear();
    this.#isOverflowed = true;
  }
}

function takeSome(paths: Set<BytePath>, limit: number): BytePath[] {
  const taken = [...paths.values().take(limit)];
  for (const path of taken) paths.delete(path);
  return taken;
}
