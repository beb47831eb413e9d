import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { explainingDiskFailures } from "./disk-failure.ts";
import { findTorchvisionWeights } from "./find-torchvision.ts";
import { locateInHub } from "./hub/locate-in-hub.ts";
import { measureFile } from "./http/measure-file.ts";
import type { ModelLocation } from "./model-location.ts";
import type { ModelReference } from "./model-reference.ts";
import type { PullOptions } from "./pull-options.ts";

/** Files of `download.pytorch.org` hold ImageNet-1k classifiers only. */
const IMAGENET_CLASSES = 1000;

export interface LocateOptions extends PullOptions {
  /** Of the file behind an https address, lower-case hex. */
  readonly sha256?: string;
  /** Ask how large the files are, where a request of its own is needed for that. */
  readonly isMeasured?: boolean;
}

/**
 * Finds out what a reference means: which files, how large, from where. Offline only the cache is asked.
 *
 * @throws ModelHubError as its subclasses say, and the signal's reason
 */
export async function locateModel(
  reference: ModelReference,
  options: LocateOptions,
): Promise<ModelLocation> {
  return await explainingDiskFailures(async () => await locate(reference, options));
}

async function locate(reference: ModelReference, options: LocateOptions): Promise<ModelLocation> {
  switch (reference.kind) {
    case "hub":
      return await locateInHub(reference, options);
    case "torchvision":
      return await locateTorchvision(reference, options);
    case "https":
      return await locateAddress(reference, options);
    default:
      return reference satisfies never;
  }
}

async function locateTorchvision(
  reference: Extract<ModelReference, { kind: "torchvision" }>,
  options: LocateOptions,
): Promise<ModelLocation> {
  const { settings } = options;
  const { file, sha256Prefix, image } = findTorchvisionWeights(reference);
  const weights = {
    name: file,
    url: new URL(file, settings.torchvisionUrl),
    sizeBytes: null,
    expected: { kind: "sha256-prefix", hex: sha256Prefix },
    cachePath: join(settings.torchvisionCache, file),
    access: { credentials: null, redirectHosts: settings.redirectHosts },
  } as const;
  return {
    kind: "weights",
    origin: weights.url.href,
    files: [await measureFile(weights, options)],
    architecture: reference.name,
    numClasses: IMAGENET_CLASSES,
    labels: null,
    image,
    remember: async () => {},
  };
}

async function locateAddress(
  reference: Extract<ModelReference, { kind: "https" }>,
  options: LocateOptions,
): Promise<ModelLocation> {
  const { settings, sha256 } = options;
  const url = new URL(reference.url);
  const name = basename(url.pathname);
  // One folder per address: many weights are called model.safetensors.
  const folder = createHash("sha256").update(url.href).digest("hex").slice(0, 16);
  const weights = {
    name,
    url,
    sizeBytes: null,
    expected: sha256 === undefined ? null : ({ kind: "sha256", hex: sha256 } as const),
    cachePath: join(settings.downloadCache, folder, name),
    access: { credentials: null, redirectHosts: settings.redirectHosts },
  };
  return {
    kind: "weights",
    // What follows a "?" is often a secret.
    origin: `${url.origin}${url.pathname}`,
    files: [await measureFile(weights, options)],
    architecture: null,
    numClasses: null,
    labels: null,
    image: null,
    remember: async () => {},
  };
}
