import { nameOfWorker, usedEnsembles, type SluiceConfig } from "@sluice/config";

/** The long-running programs of one machine, in the order in which they start. */
export const APP_NAMES = ["moderation", "worker", "ingest"] as const;
export type AppName = (typeof APP_NAMES)[number];

/**
 * Consumers stop last: ingest stops finding, the worker finishes what is in flight, moderation acts on it.
 * What is still queued then stays in Redis for the next start.
 */
export const STOP_ORDER: readonly AppName[] = ["ingest", "worker", "moderation"];

/** One process of the stack. */
export interface StackApp {
  readonly app: AppName;
  /** What it is called here: there is a worker for each ensemble. */
  readonly name: string;
  /** What it has in its environment beside what all have. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Every process that a configuration needs on one machine. With several ensembles each has a worker of its own, unless the
 * configuration names the one of this machine.
 */
export function listStackApps(config: SluiceConfig): readonly StackApp[] {
  return APP_NAMES.flatMap((app) =>
    app === "worker" ? listWorkers(config) : [{ app, name: app, env: {} }],
  );
}

function listWorkers(config: SluiceConfig): StackApp[] {
  const { ensembles, worker } = config;
  if (worker.ensemble !== null || ensembles.size <= 1) {
    return [{ app: "worker", name: nameOfWorker(config), env: {} }];
  }
  return usedEnsembles(config).map((ensemble) => ({
    app: "worker",
    name: nameOfWorker({ ensembles, worker: { ensemble } }),
    env: { SLUICE_WORKER_ENSEMBLE: ensemble, SLUICE_WORKER_ID: `${worker.id}-${ensemble}` },
  }));
}
