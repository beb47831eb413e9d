import type { Clock } from "./clock.ts";
import type { ChunkPlan, Journal } from "./journal.ts";
import { chunkIdOf, type SourceBinding } from "./source-binding.ts";
import type { SourceEvents } from "./source-events.ts";

export interface PlanLineOptions {
  readonly binding: SourceBinding;
  readonly journal: Journal;
  readonly clock: Clock;
  /** 1 to 64 for the live lane, 1 to 256 for bulk. */
  readonly maxChunkObjects: number;
  /**
   * Milliseconds after which a queued chunk without decisions is sent again. Too low: work that merely waits in a
   * long queue is offered again (harmless while it waits, repeated work once it is running); too high: what a lost queue
   * forgot is found late.
   */
  readonly resendAfterMs: number;
  readonly events: Pick<SourceEvents, "planDissolved">;
}

export interface PlannedChunk {
  readonly plan: ChunkPlan;
  /** The queue may have had it before. */
  readonly isRepeat: boolean;
}

/** Plans looked up at once when they are overdue. */
const OVERDUE_PAGE = 16;
/** Overdue plans are looked for this many times per `resendAfterMs`. */
const CHECKS_PER_RESEND = 10;

/**
 * Which chunk goes next: first what an earlier run had assigned and perhaps sent, then what was queued long ago
 * and never decided, then the first objects in line. A plan is written to the journal before it is handed out, so
 * that it has the same id however often it has to be sent.
 */
export class PlanLine {
  readonly #options: PlanLineOptions;
  /** Plans to be sent again, in order. */
  #repeats: ChunkPlan[] = [];
  #nextCheckMs = 0;

  constructor(options: PlanLineOptions) {
    this.#options = options;
  }

  /** Takes up what was assigned and not acknowledged when the sender last stopped, or the process died. */
  resume(): void {
    const { journal, binding } = this.#options;
    this.#repeats = [...journal.unqueuedPlans(binding.source)];
    this.#nextCheckMs = 0;
  }

  /** The chunk to send now, null when there is none. */
  next(): PlannedChunk | null {
    this.#findOverdue();
    const repeat = this.#nextRepeat();
    if (repeat !== null) return { plan: repeat, isRepeat: true };
    const plan = this.#planFresh();
    return plan === null ? null : { plan, isRepeat: false };
  }

  /** When `next` should be asked again even if nothing new was seen, in milliseconds from now. */
  get checkInMs(): number {
    return Math.max(0, this.#nextCheckMs - this.#options.clock.nowMs());
  }

  #findOverdue(): void {
    const { binding, journal, clock, resendAfterMs } = this.#options;
    const nowMs = clock.nowMs();
    if (nowMs < this.#nextCheckMs || this.#repeats.length > 0) return;
    const queuedUntilMs = nowMs - resendAfterMs;
    const overdue = journal.overduePlans(binding.source, { queuedUntilMs, limit: OVERDUE_PAGE });
    this.#repeats.push(...overdue);
    if (overdue.length < OVERDUE_PAGE)
      this.#nextCheckMs = nowMs + resendAfterMs / CHECKS_PER_RESEND;
  }

  /** A plan is only good for what it was made of: when an object has changed or the binding has, it is taken apart. */
  #nextRepeat(): ChunkPlan | null {
    const { binding, journal, events } = this.#options;
    for (;;) {
      const plan = this.#repeats.shift();
      if (plan === undefined) return null;
      if (plan.objects.length > 0 && chunkIdOf(binding, plan.objects) === plan.chunkId) return plan;
      const objects = journal.dissolve(binding.source, plan.chunkId);
      events.planDissolved({ chunkId: plan.chunkId, objects });
    }
  }

  #planFresh(): ChunkPlan | null {
    const { binding, journal, maxChunkObjects } = this.#options;
    return journal.planNext(binding.source, {
      limit: maxChunkObjects,
      toChunkId: (objects) => chunkIdOf(binding, objects),
    });
  }
}
