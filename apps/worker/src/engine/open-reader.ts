import { readFile } from "node:fs/promises";
import { bucketRoots, folderRoots, requireObjectKey, type SluiceConfig } from "@sluice/config";
import type { RootName } from "@sluice/contracts";
import type { ObjectReader } from "@sluice/inference";
import {
  createEndpointReader,
  objectKeySchema,
  type EndpointReaderEvents,
} from "@sluice/object-endpoint";
import { createS3Reader, openBucket, type Bucket, type S3ReaderEvents } from "@sluice/s3";
import { createFolderReader } from "@sluice/storage";

/** Reads every root in the way in which this host reaches it. */
export async function openReader(
  config: SluiceConfig,
  events: EndpointReaderEvents,
): Promise<ObjectReader> {
  const folders = createFolderReader({
    folders: folderRoots(config.roots),
    maxImageBytes: config.worker.maxImageBytes,
  });
  const others = new Map([
    ...(await openBuckets(config, events)),
    ...(await openEndpoints(config, events)),
  ]);
  return {
    read: async (root, object) => await (others.get(root) ?? folders).read(root, object),
  };
}

type ByRoot = ReadonlyMap<RootName, ObjectReader>;

async function openBuckets(
  { roots, worker }: SluiceConfig,
  events: S3ReaderEvents,
): Promise<ByRoot> {
  const buckets = new Map<RootName, Bucket>();
  for (const [name, settings] of bucketRoots(roots)) {
    buckets.set(name, await openBucket({ settings }));
  }
  const reader = createS3Reader({ buckets, maxImageBytes: worker.maxImageBytes, events });
  return new Map([...buckets.keys()].map((name) => [name, reader]));
}

async function openEndpoints(config: SluiceConfig, events: EndpointReaderEvents): Promise<ByRoot> {
  const { roots, objectEndpoint, worker } = config;
  const endpoints = new Map<RootName, URL>();
  for (const [name, root] of roots) {
    if (root.kind === "endpoint") endpoints.set(name, root.url);
  }
  if (endpoints.size === 0) return new Map();
  const { caFile, connections, stallTimeoutMs, giveUpAfterMs } = objectEndpoint;
  const reader = createEndpointReader({
    endpoints,
    key: objectKeySchema.parse(requireObjectKey(config)),
    ca: caFile === null ? null : await readFile(caFile, "utf8"),
    maxImageBytes: worker.maxImageBytes,
    maxConnections: connections,
    stallTimeoutMs,
    giveUpAfterMs,
    nowMs: () => Date.now(),
    events,
  });
  return new Map([...endpoints.keys()].map((name) => [name, reader]));
}
