import { LocalEngine } from "../../apps/cli/src/classify/local-engine.ts";
import { listInputs, type Input } from "../../apps/cli/src/classify/list-inputs.ts";
import { loadConfig, type WorkerConfig } from "@sluice/config";
import { ensembleNameSchema, type Classified } from "@sluice/contracts";
import { loadEnsemble, type EnsembleSettings, type LoadedEnsemble } from "@sluice/models";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export type Precision = "float32" | "int8";

export interface MeasuredEngine extends AsyncDisposable {
  readonly loaded: LoadedEnsemble;
  readonly settings: WorkerConfig;
  /**
   * Seconds for all inputs, the whole way from file to scores.
   *
   * @param onResult called for each, in their order
   */
  classify(inputs: readonly Input[], onResult?: (classified: Classified) => void): Promise<number>;
}

/** For one model. */
export async function openEngine(
  model: string,
  precision: Precision = "float32",
): Promise<MeasuredEngine> {
  const member = { model: resolve(model), precision, weight: 1, temperature: 1, set: null };
  return await openEnsemble({
    members: [member],
    fusion: "mean",
    scoreFloor: 0.001,
    views: "center",
    frames: "all",
    cascade: null,
    embeddings: "none",
  });
}

/** The product's pipeline in this process with its default settings; nothing is remembered of contents. */
export async function openEnsemble(ensemble: EnsembleSettings): Promise<MeasuredEngine> {
  process.env["ORT_DISABLE_TELEMETRY"] = "1";
  const { worker } = await loadConfig({ env: {}, cwd: tmpdir() });
  const settings: WorkerConfig = { ...worker, cacheEntries: 0 };
  const name = ensembleNameSchema.parse("bench");
  const loaded = await loadEnsemble(name, ensemble, join(tmpdir(), "sluice-bench-graphs"));
  const engine = await LocalEngine.start(loaded, settings);
  const { signal } = new AbortController();
  return {
    loaded,
    settings,
    async classify(inputs, onResult = () => undefined) {
      const startedAt = performance.now();
      for await (const { classification } of engine.classify(inputs, signal)) {
        if (classification.kind !== "classified") throw new Error(JSON.stringify(classification));
        onResult(classification);
      }
      return (performance.now() - startedAt) / 1000;
    },
    [Symbol.asyncDispose]: async () => await engine[Symbol.asyncDispose](),
  };
}

/** The pictures of a folder, again and again until there are `count`. */
export async function listPictures(folder: string, count?: number): Promise<readonly Input[]> {
  const inputs = await listInputs([folder], process.cwd());
  if (count === undefined) return inputs;
  return Array.from({ length: count }, (_, index) => inputs[index % inputs.length]).filter(
    (input) => input !== undefined,
  );
}
