import { folderRoots, requireObjectKey, type SluiceConfig } from "@sluice/config";
import { objectKeySchema, startObjectServer, type ObjectServer } from "@sluice/object-endpoint";
import { createFolderReader } from "@sluice/storage";
import type { EndpointEvents } from "./endpoint-events.ts";
import { readTls } from "./read-tls.ts";

/**
 * Serves the folders of this host to workers on others, if the configuration says so.
 *
 * @throws ConfigError, ObjectServerError
 */
export async function serveObjects(
  config: SluiceConfig,
  events: EndpointEvents,
): Promise<ObjectServer | null> {
  const { port, tls, host, ...limits } = config.objectEndpoint;
  if (port === null) return null;
  // Workers have limits of their own for what they take; nothing larger is read into memory here.
  const { maxImageBytes } = config.worker;
  const server = await startObjectServer({
    ...limits,
    host,
    port,
    key: objectKeySchema.parse(requireObjectKey(config)),
    tls: await readTls("objectEndpoint", { ...tls }),
    reader: createFolderReader({ folders: folderRoots(config.roots), maxImageBytes }),
    nowMs: () => Date.now(),
    events,
  });
  events.listening({ host, port: server.port, isEncrypted: tls !== null });
  return server;
}
