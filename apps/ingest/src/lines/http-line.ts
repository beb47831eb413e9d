import { folderRoots, type HttpSourceConfig, type SluiceConfig } from "@sluice/config";
import { startHttpServer, type References } from "@sluice/source-http";
import { createNamedFiles } from "@sluice/storage";
import { decodeObjectPath } from "@sluice/contracts";
import { readTls } from "../read-tls.ts";
import type { SharedParts, SourceLine } from "./source-line.ts";
import { openUploadLine } from "./upload-line.ts";

/** A source of kind `http`; `start` throws HttpListenError. */
export function openHttpLine(
  config: SluiceConfig,
  source: HttpSourceConfig,
  parts: SharedParts,
): SourceLine {
  return openUploadLine(config, source, {
    parts,
    listen: async (desk) => {
      const { name, host, port, keys, refusalStatus } = source;
      const tls = await readTls("sources", source);
      const events = parts.events.ofHttp(name);
      const references = createReferences(folderRoots(config.roots));
      const own = { host, port, tls, keys, refusalStatus };
      const server = await startHttpServer({ ...own, limits: source, desk, references, events });
      events.listening({ address: `${host}:${server.port}`, isEncrypted: tls !== null });
      return server;
    },
  });
}

/** Objects of the roots that this host reaches as folders. */
function createReferences(folders: ReturnType<typeof folderRoots>): References {
  return {
    async open(root, path) {
      const folder = folders.get(root);
      if (folder === undefined) return null;
      const files = createNamedFiles({ folders: [folder], maxFiles: 1 });
      const bytes = Buffer.concat([Buffer.from(`${folder}/`), decodeObjectPath(path)]);
      return await openOne(files.find(bytes));
    },
  };
}

/** The file stays open while its bytes are read; null when there is none. */
async function openOne(
  found: ReturnType<ReturnType<typeof createNamedFiles>["find"]>,
): Promise<AsyncIterable<Uint8Array> | null> {
  const first = await found.next();
  if (first.done === true || "refusal" in first.value) {
    await found.return();
    return null;
  }
  const { bytes } = first.value;
  return {
    async *[Symbol.asyncIterator]() {
      try {
        yield* bytes;
      } finally {
        await found.return();
      }
    },
  };
}
