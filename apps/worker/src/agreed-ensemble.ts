import type { EnsembleInfo } from "@sluice/contracts";
import { EnsembleChangedError } from "./errors.ts";

/** The first engine that is ready says which ensemble this worker runs; all others, and all later ones, must have the same. */
export class AgreedEnsemble {
  #first: EnsembleInfo | null = null;

  /** @throws EnsembleChangedError when an engine has another one */
  check(ensemble: EnsembleInfo): void {
    this.#first ??= ensemble;
    if (ensemble.digest === this.#first.digest) return;
    throw new EnsembleChangedError(
      `the models have changed while the worker ran (from ${this.#first.digest} to ${ensemble.digest}): it must be started again`,
    );
  }
}
