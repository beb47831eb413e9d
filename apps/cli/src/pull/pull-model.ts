import { fetchDirectory, fetchWeights } from "@sluice/model-hub";
import { buildModelDirectory, readModelDirectory } from "@sluice/models";
import type { PreparedPull } from "./prepare-pull.ts";

/**
 * Fetches what was prepared and leaves a model directory that a worker can read, or nothing.
 *
 * @throws ModelHubError, ModelError, WeightsFileError, and the signal's reason
 */
export async function pullModel({ location, build, outDir, options }: PreparedPull): Promise<void> {
  if (build === null) {
    const inspect = async (folder: string): Promise<void> => {
      await readModelDirectory(folder);
    };
    await fetchDirectory(location, { ...options, outDir, inspect });
    return;
  }
  const weightsPath = await fetchWeights(location, options);
  options.signal.throwIfAborted();
  const { architecture, labels, image } = build;
  const preprocessing = image === null ? {} : { image };
  await buildModelDirectory({ architecture, weightsPath, labels, outDir, ...preprocessing });
}
