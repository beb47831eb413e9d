import { readFile } from "node:fs/promises";
import { ensureCached } from "../download/ensure-cached.ts";
import type { RemoteFile } from "../download/remote-file.ts";
import { DownloadTooLargeError, ModelNotFoundError } from "../model-hub-error.ts";
import type { ModelLocation } from "../model-location.ts";
import type { ModelReference } from "../model-reference.ts";
import { limitsOf, type PullOptions } from "../pull-options.ts";
import { openRepository, type Repository } from "./repository.ts";
import { parseTimmCard } from "./timm-card.ts";

const CONFIG = "config.json";
const PREPROCESSOR = "preprocessor_config.json";
const ONNX = "onnx/model.onnx";
/** Weights beyond protobuf's 2 GB, or of a model exported with external data; `onnx/model.onnx` names it. */
const EXTERNAL_DATA = "onnx/model.onnx_data";
const WEIGHTS = "model.safetensors";
const WANTED = [CONFIG, PREPROCESSOR, ONNX, EXTERNAL_DATA, WEIGHTS];

/**
 * A repository with an ONNX model becomes a model directory as it is; one of timm gives weights and a card.
 *
 * @throws ModelNotFoundError when it is neither, with what was looked for and what is there
 */
export async function locateInHub(
  reference: Extract<ModelReference, { kind: "hub" }>,
  options: PullOptions,
): Promise<ModelLocation> {
  const repository = await openRepository(reference, options);
  const found = await repository.describe(WANTED);
  const get = (name: string): RemoteFile | undefined => found.find((file) => file.name === name);
  const [config, preprocessor, onnx, weights] = [CONFIG, PREPROCESSOR, ONNX, WEIGHTS].map(get);
  const external = get(EXTERNAL_DATA);
  if (config !== undefined && preprocessor !== undefined && onnx !== undefined) {
    const files = [config, preprocessor, onnx, ...(external === undefined ? [] : [external])];
    return {
      kind: "directory",
      origin: repository.origin,
      files,
      remember: async () => await repository.remember(files),
    };
  }
  if (config !== undefined && weights !== undefined) {
    return await locateTimm(repository, { config, weights, options });
  }
  throw new ModelNotFoundError(await describeLack(repository, found));
}

async function locateTimm(
  repository: Repository,
  parts: { config: RemoteFile; weights: RemoteFile; options: PullOptions },
): Promise<ModelLocation> {
  const { config, weights, options } = parts;
  const { maxApiBytes } = limitsOf(options);
  if ((config.sizeBytes ?? 0) > maxApiBytes) {
    throw new DownloadTooLargeError(
      `${repository.origin}: config.json has ${config.sizeBytes} bytes, the limit is ${maxApiBytes}`,
    );
  }
  const { signal, settings, limits = {} } = options;
  const path = await ensureCached(config, { signal, settings, limits });
  const card = parseTimmCard(repository.origin, await readFile(path, "utf8"));
  return {
    kind: "weights",
    origin: repository.origin,
    files: [weights],
    ...card,
    remember: async () => await repository.remember([config, weights]),
  };
}

async function describeLack(repository: Repository, found: readonly RemoteFile[]): Promise<string> {
  const names = new Set(found.map((file) => file.name));
  const lacking = [CONFIG, PREPROCESSOR, ONNX].filter((name) => !names.has(name));
  const present = await repository.list();
  return (
    `${repository.origin} holds no image classifier that can be pulled: looked for ${ONNX} with ${CONFIG} and ${PREPROCESSOR} ` +
    `(lacking: ${lacking.join(", ")}), or timm's ${WEIGHTS} with ${CONFIG}; it has ${present.join(", ") || "no files"}`
  );
}
