import type { SluiceConfig, SourceConfig } from "@sluice/config";
import type { SharedParts, SourceLine } from "./source-line.ts";

/**
 * Puts together the line of a source, whatever its kind. Only the kinds that there are get loaded: a server for HTTP or a client of S3 takes
 * tens of megabytes, which a site that only watches folders need not have.
 */
export async function openSourceLine(
  config: SluiceConfig,
  source: SourceConfig,
  parts: SharedParts,
): Promise<SourceLine> {
  switch (source.kind) {
    case "folder":
      return (await import("./folder-line.ts")).openFolderLine(config, source, parts);
    case "clamd":
      return (await import("./clamd-line.ts")).openClamdLine(config, source, parts);
    case "nginx-log":
      if (source.fetch !== undefined) {
        return (await import("./fetched-log-line.ts")).openFetchedLogLine(config, source, parts);
      }
      return (await import("./nginx-log-line.ts")).openNginxLogLine(config, source, parts);
    case "http":
      return (await import("./http-line.ts")).openHttpLine(config, source, parts);
    case "s3":
      return (await import("./s3-line.ts")).openS3Line(config, source, parts);
    default:
      return source satisfies never;
  }
}
