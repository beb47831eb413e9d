import type { ClamdSourceConfig, SluiceConfig } from "@sluice/config";
import {
  startClamdServer,
  toScanResult,
  type ScanResult,
  type Scanner,
} from "@sluice/source-clamd";
import {
  UploadEmptyError,
  UploadsFullError,
  UploadTooLargeError,
  type UploadDesk,
} from "@sluice/sources";
import { createNamedFiles } from "@sluice/storage";
import type { SharedParts, SourceLine } from "./source-line.ts";
import { openUploadLine } from "./upload-line.ts";

/** What stands after `Sluice` in the reply to VERSION; the version of the packages. */
const VERSION = "0.1.0";

/** A source of kind `clamd`; `start` throws ClamdListenError. */
export function openClamdLine(
  config: SluiceConfig,
  source: ClamdSourceConfig,
  parts: SharedParts,
): SourceLine {
  return openUploadLine(config, source, {
    parts,
    listen: async (desk) => {
      const stack = new AsyncDisposableStack();
      const server = {
        scanner: createScanner(desk),
        files: createNamedFiles({ folders: source.scanFolders, maxFiles: source.maxScanFiles }),
        limits: { ...source, maxStreamBytes: source.maxBytes },
        events: parts.events.ofClamd(source.name),
      };
      const { host, port, socket, socketMode } = source;
      if (port !== undefined) {
        const listening = stack.use(await startClamdServer({ host, port }, server));
        server.events.listening({ address: `${host}:${listening.port ?? port}` });
      }
      if (socket !== undefined) {
        const mode = Number.parseInt(socketMode, 8);
        stack.use(await startClamdServer({ socketPath: socket, mode }, server));
        server.events.listening({ address: socket });
      }
      return stack;
    },
  });
}

function createScanner(desk: UploadDesk): Scanner {
  return {
    version: VERSION,
    async scan(bytes, signal) {
      try {
        const { id } = await desk.accept(bytes);
        const answer = await desk.wait(id, signal);
        return answer === null ? notScanned("late", "no answer in time") : toScanResult(answer);
      } catch (error) {
        if (error instanceof UploadTooLargeError) return notScanned("too-large", "too large");
        if (error instanceof UploadEmptyError) return notScanned("empty", "empty");
        if (error instanceof UploadsFullError) {
          return notScanned("full", "too many wait, try again");
        }
        throw error;
      }
    },
  };
}

function notScanned(cause: string, reason: string): ScanResult {
  return { kind: "error", cause, reason: `not scanned (${reason})` };
}
