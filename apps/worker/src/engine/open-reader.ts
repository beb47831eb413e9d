import { readFile } from "node:fs/promises";
import type { SluiceConfig } from "@sluice/config";
import type { RootName } from "@sluice/contracts";
import { folderRoots, requireObjectKey } from "@sluice/config";
import type { ObjectReader } from "@sluice/inference";
import {
  createEndpointReader,
  objectKeySchema,
  type EndpointReaderEvents,
} from "@sluice/object-endpoint";
import { createFolderReader } from "@sluice/storage";

/** Reads every root in the way in which this host reaches it. */
export async function openReader(
  config: SluiceConfig,
  events: EndpointReaderEvents,
): Promise<ObjectReader> {
  const { roots, objectEndpoint } = config;
  const { maxImageBytes } = config.worker;
  const folders = createFolderReader({ folders: folderRoots(roots), maxImageBytes });
  const endpoints = new Map<RootName, URL>();
  for (const [name, root] of roots) {
    if (root.kind === "endpoint") endpoints.set(name, root.url);
  }
  if (endpoints.size === 0) return folders;
  const { caFile, connections, stallTimeoutMs, giveUpAfterMs } = objectEndpoint;
  const remote = createEndpointReader({
    endpoints,
    key: objectKeySchema.parse(requireObjectKey(config)),
    ca: caFile === null ? null : await readFile(caFile, "utf8"),
    maxImageBytes,
    maxConnections: connections,
    stallTimeoutMs,
    giveUpAfterMs,
    nowMs: () => Date.now(),
    events,
  });
  return {
    read: async (root, object) => await (endpoints.has(root) ? remote : folders).read(root, object),
  };
}
