import { carryOut, type EffectPorts } from "./carry-out.ts";
import type { Effect, EffectResult } from "./effect.ts";
import type { ModerationEvents } from "./events.ts";
import type { EffectId } from "./ids.ts";
import { mapConcurrently } from "./map-concurrently.ts";
import type { Failure } from "./records.ts";
import { retryDelayMs } from "./retry-delay.ts";

export interface EffectRunnerOptions {
  readonly ports: EffectPorts;
  readonly events: ModerationEvents;
  /** Effects under way at the same time, from 1. Too low wastes the disk's parallelism, too high its queue. */
  readonly concurrency: number;
}

export type EffectOutcome =
  | { readonly kind: "done"; readonly result: EffectResult }
  | { readonly kind: "postponed"; readonly failure: Failure };

/**
 * Carries out recorded effects. One effect at a time per id, whoever asks (a verdict delivered twice, the retry
 * loop): those who come later get the outcome of the first.
 *
 *     open ── carried out ──▶ done
 *       └──── failed outside (disk full, no permission) ──▶ open, due later
 *
 * A failure that is a bug is thrown instead, and the process dies with its work still recorded.
 */
export class EffectRunner {
  readonly #options: EffectRunnerOptions;
  /** Holds an effect exactly while it is being carried out. */
  readonly #running = new Map<EffectId, Promise<EffectOutcome>>();

  constructor(options: EffectRunnerOptions) {
    this.#options = options;
  }

  /** Outcomes in the order of the effects. Throws when the records cannot be written. */
  async run(effects: readonly Effect[]): Promise<readonly EffectOutcome[]> {
    return mapConcurrently(effects, this.#options.concurrency, (effect) => this.#runOnce(effect));
  }

  async #runOnce(effect: Effect): Promise<EffectOutcome> {
    if (effect.result !== null) return { kind: "done", result: effect.result };
    const running = this.#running.get(effect.id);
    if (running !== undefined) return running;
    const started = this.#start(effect);
    this.#running.set(effect.id, started);
    try {
      return await started;
    } finally {
      this.#running.delete(effect.id);
    }
  }

  async #start(effect: Effect): Promise<EffectOutcome> {
    const { ports, events } = this.#options;
    try {
      // The caller's copy may be from before another caller finished it.
      const current = (await ports.records.findEffect(effect.id)) ?? effect;
      if (current.result !== null) return { kind: "done", result: current.result };
      const result = await carryOut(current, ports);
      events.effectDone(effect, result);
      return { kind: "done", result };
    } catch (error) {
      const code = outsideCode(error);
      if (code === null || !(error instanceof Error)) throw error;
      const nextAttemptAtMs = ports.now() + retryDelayMs(effect.attempts + 1);
      const failure = { code, message: error.message, nextAttemptAtMs };
      await ports.records.postpone(effect.id, failure);
      events.effectFailed(effect, failure);
      return { kind: "postponed", failure };
    }
  }
}

/**
 * Code of an error that comes from outside (EACCES, ENOSPC, ROOT_UNAVAILABLE), else null. Node's own ERR_ codes
 * mean wrong arguments or a broken database, for which postponing one effect is no answer.
 */
function outsideCode(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error)) return null;
  const { code } = error;
  return typeof code === "string" && !code.startsWith("ERR_") ? code : null;
}
