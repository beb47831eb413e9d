import { ConfigError, type EnsembleConfig, type SluiceConfig } from "@sluice/config";
import type { EnsembleName } from "@sluice/contracts";

/**
 * The ensemble that this worker runs: the one that it was told, or the only one there is.
 *
 * @throws ConfigError when there are several and none was named
 */
export function chooseEnsemble({
  ensembles,
  worker,
}: Pick<SluiceConfig, "ensembles" | "worker">): [EnsembleName, EnsembleConfig] {
  const fitting = [...ensembles].filter(
    ([name]) => worker.ensemble === null || name === worker.ensemble,
  );
  const [first, ...others] = fitting;
  if (first !== undefined && others.length === 0) return first;
  const names = [...ensembles.keys()].join(", ") || "none";
  throw new ConfigError("ensembles", [
    `worker.ensemble: a worker runs one ensemble, and there are several (${names}); name one, or set SLUICE_WORKER_ENSEMBLE`,
  ]);
}
