import type { EnsembleName } from "@sluice/contracts";
import type { SluiceConfig } from "./sluice-config.ts";

/** The ensembles that sources ask for, in the order of the file. */
export function usedEnsembles({
  ensembles,
  sources,
}: Pick<SluiceConfig, "ensembles" | "sources">): readonly EnsembleName[] {
  return [...ensembles.keys()].filter((name) => sources.some(({ ensemble }) => ensemble === name));
}

/** What a worker's process is called on this machine, on which there is one for each ensemble. */
export function nameOfWorker({
  ensembles,
  worker,
}: {
  readonly ensembles: SluiceConfig["ensembles"];
  readonly worker: { readonly ensemble: EnsembleName | null };
}): string {
  return ensembles.size > 1 && worker.ensemble !== null ? `worker-${worker.ensemble}` : "worker";
}
