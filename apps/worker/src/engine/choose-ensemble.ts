import type { EnsembleName } from "@sluice/contracts";
import { ConfigError, type EnsembleConfig } from "@sluice/config";

/** The ensemble that this worker runs. @throws ConfigError when there is not exactly one */
export function chooseEnsemble(
  ensembles: ReadonlyMap<EnsembleName, EnsembleConfig>,
): [EnsembleName, EnsembleConfig] {
  const [first, ...others] = ensembles;
  if (first !== undefined && others.length === 0) return first;
  throw new ConfigError("ensembles", [
    `ensembles: expected exactly one, found ${ensembles.size}; a worker runs one ensemble`,
  ]);
}
