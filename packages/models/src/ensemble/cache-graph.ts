import { createHash } from "node:crypto";
import { mkdir, open, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ModelDirectory } from "../directory/read-directory.ts";
import { deriveProductionGraph, type ProductionOptions } from "../onnx/production-graph.ts";

/** Changes when the derivation of production graphs changes, so that an old cache is never used. */
const GRAPH_VERSION = "g1";

/**
 * The production graph of a model, derived once per content.
 *
 * @returns its path; the file is whole: it is synced before it gets this name, and a crash leaves a `.tmp` at most
 * @throws ModelError when no graph can be derived
 */
export async function cacheGraph(
  model: ModelDirectory,
  folder: string,
  options: ProductionOptions = {},
): Promise<string> {
  const kind = options.withEmbeddings === true ? `${GRAPH_VERSION}+embeddings` : GRAPH_VERSION;
  const key = createHash("sha256").update(`${kind}\n${model.digest}`).digest("hex");
  const path = join(folder, `${key}.onnx`);
  if (await exists(path)) return path;
  await mkdir(folder, { recursive: true });
  const building = `${path}.${process.pid}.tmp`;
  const graph = await deriveProductionGraph(model, options);
  {
    await using file = await open(building, "w");
    await file.writeFile(graph);
    await file.sync();
  }
  await rename(building, path);
  return path;
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false, // absent, or not ours to see: writing it will tell
  );
}
