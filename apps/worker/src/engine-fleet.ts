import type { EnsembleInfo } from "@sluice/contracts";
import type { Dispatcher } from "@sluice/inference";
import type { EngineProcess } from "./engine-process.ts";
import { EngineStartError, EnsembleChangedError } from "./errors.ts";
import type { FleetEvents } from "./fleet-events.ts";

/**
 * All engines of a worker, one per device.
 *
 * States: starting: not all of them have been ready once; one that cannot come up ends the worker, because somebody just configured it.
 * Running: one that does not come up any more is given up, and the others go on (degraded). Failed: none is left, or they do not
 * agree on the ensemble.
 */
export class EngineFleet implements AsyncDisposable {
  readonly #engines: readonly EngineProcess[];
  readonly #events: FleetEvents;
  readonly #failed = Promise.withResolvers<never>();

  constructor(engines: readonly EngineProcess[], events: FleetEvents) {
    this.#engines = engines;
    this.#events = events;
    this.#failed.promise.catch(() => undefined); // whoever waits for it is told; nobody has to
  }

  /** Rejects when the worker cannot go on. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  get isReady(): boolean {
    return this.#engines.some(({ isReady }) => isReady);
  }

  /** For `/readyz`. */
  describe(): string {
    const out = this.#engines.filter(({ hasGivenUp }) => hasGivenUp);
    const ready = this.#engines.filter(({ isReady }) => isReady).length;
    const count = `${ready} of ${this.#engines.length} ready`;
    if (out.length > 0) return `degraded: ${count}, given up: ${out.map((e) => e.name).join(", ")}`;
    return ready === this.#engines.length ? "ok" : `starting: ${count}`;
  }

  /**
   * Starts all of them and waits until each has been ready. The first one goes ahead: it derives graphs and times variants of models,
   * and the others find its results in the cache, instead of doing the same at the same time and getting in its way.
   *
   * @throws EngineStartError, EnsembleChangedError
   */
  async start(dispatcher: Dispatcher): Promise<EnsembleInfo> {
    const slots = this.#engines.map((engine) => dispatcher.addEngine((item) => engine.send(item)));
    const start = async (engine: EngineProcess, i: number): Promise<EnsembleInfo> =>
      await engine.start(requireOne(slots[i]));
    const ensemble = await start(requireOne(this.#engines[0]), 0);
    await Promise.all(
      this.#engines.map(async (engine, i) => (i === 0 ? ensemble : await start(engine, i))),
    );
    for (const [i, engine] of this.#engines.entries()) {
      engine.failed.catch((error: unknown) => this.#lose(engine, error, () => slots[i]?.retire()));
    }
    return ensemble;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#engines.map(async (engine) => await engine.stop()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #lose(engine: EngineProcess, error: unknown, retire: () => void): void {
    const remaining = this.#engines.filter(({ hasGivenUp }) => !hasGivenUp).length;
    this.#events.engineGivenUp({ engine: engine.name, remaining, err: error });
    if (remaining === 0 || error instanceof EnsembleChangedError) return this.#failed.reject(error);
    retire();
  }
}

/** @throws EngineStartError: a worker has at least one engine */
function requireOne<T>(value: T | undefined): T {
  if (value !== undefined) return value;
  throw new EngineStartError("expected at least one device for the worker", 78);
}
