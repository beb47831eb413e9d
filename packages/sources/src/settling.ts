import type { ObjectPath } from "@sluice/contracts";
import { DueHeap } from "./due-heap.ts";
import { settleTimeOf } from "./private-name.ts";
import { judgeSettled, type Look } from "./settle-rule.ts";

/**
 * The objects that are too young to be handed over, each with the time of its next look. Memory is bounded:
 * above `maxSettling` objects nothing more is held, which the caller learns, because then only a
 * listing will find them again.
 */
export class Settling {
  readonly #settleMs: number;
  readonly #maxSettling: number;
  readonly #waits = new Map<ObjectPath, Wait>();
  /**
   * When to look at what. A wait that is put off keeps its entry, which is moved when it comes up; a wait that is
   * dropped leaves its entry behind until then.
   */
  readonly #due = new DueHeap<ObjectPath>();

  constructor(limits: { readonly settleMs: number; readonly maxSettling: number }) {
    this.#settleMs = limits.settleMs;
    this.#maxSettling = limits.maxSettling;
  }

  get size(): number {
    return this.#waits.size;
  }

  /** When `takeDue` may have something next, null when nothing waits. */
  get nextDueMs(): number | null {
    return this.#due.nextDueMs;
  }

  /** Judges a look. `refused`: young, but there is no room to remember it. */
  judge(path: ObjectPath, look: Look): "settled" | "young" | "refused" {
    const wait = this.#waits.get(path);
    const previous = wait?.firstLook ?? null;
    const settleMs = settleTimeOf(path, this.#settleMs);
    const verdict = judgeSettled({ look, previous, settleMs });
    switch (verdict.kind) {
      case "settled":
        this.#waits.delete(path);
        return "settled";
      case "young":
        if (wait === undefined && !this.#hasRoom()) return "refused";
        this.#put(path, {
          firstLook: previous?.version === look.version ? previous : look,
          dueMs: verdict.lookAgainAtMs,
          isScheduled: wait?.isScheduled ?? false,
        });
        return "young";
      default:
        return verdict satisfies never;
    }
  }

  /** Nothing lies there any more, or it needs no handing over. */
  drop(path: ObjectPath): void {
    this.#waits.delete(path);
  }

  /** Up to `limit` paths that are due for another look; each must be judged or dropped afterwards. */
  takeDue(nowMs: number, limit: number): readonly ObjectPath[] {
    const paths: ObjectPath[] = [];
    while (paths.length < limit) {
      const path = this.#due.take(nowMs);
      if (path === undefined) break;
      const wait = this.#waits.get(path);
      if (wait === undefined || !wait.isScheduled) continue; // dropped, or taken by an earlier entry
      if (wait.dueMs > nowMs) {
        this.#due.add(path, wait.dueMs); // put off meanwhile
      } else {
        wait.isScheduled = false;
        paths.push(path);
      }
    }
    return paths;
  }

  #put(path: ObjectPath, wait: Wait): void {
    this.#waits.set(path, wait);
    if (wait.isScheduled) return;
    wait.isScheduled = true;
    this.#due.add(path, wait.dueMs);
  }

  /** Entries that were left behind take room too, so that a name that comes and goes cannot fill the memory. */
  #hasRoom(): boolean {
    return this.#waits.size < this.#maxSettling && this.#due.size < 2 * this.#maxSettling;
  }
}

interface Wait {
  /** The first look at the object's latest version. */
  readonly firstLook: Look;
  readonly dueMs: number;
  /** Whether an entry of the heap stands for this wait; false between being taken and being judged. */
  isScheduled: boolean;
}
