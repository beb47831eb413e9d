import { fetchDirectory } from "../fetch-directory.ts";
import { fetchWeights } from "../fetch-weights.ts";
import { locateModel, type LocateOptions } from "../locate-model.ts";
import { parseModelReference } from "../model-reference.ts";

/** Everything between a name and a file or folder; gives the path of either. */
export async function pull(text: string, options: LocateOptions, outDir: string): Promise<string> {
  const location = await locateModel(parseModelReference(text), options);
  if (location.kind === "weights") return await fetchWeights(location, options);
  await fetchDirectory(location, { ...options, outDir });
  return outDir;
}
