import type { SluiceConfig, SourceConfig } from "@sluice/config";
import { openClamdLine } from "./clamd-line.ts";
import { openFolderLine } from "./folder-line.ts";
import { openHttpLine } from "./http-line.ts";
import { openNginxLogLine } from "./nginx-log-line.ts";
import { openS3Line } from "./s3-line.ts";
import type { SharedParts, SourceLine } from "./source-line.ts";

/** Puts together the line of a source, whatever its kind. */
export function openSourceLine(
  config: SluiceConfig,
  source: SourceConfig,
  parts: SharedParts,
): SourceLine {
  switch (source.kind) {
    case "folder":
      return openFolderLine(config, source, parts);
    case "clamd":
      return openClamdLine(config, source, parts);
    case "nginx-log":
      return openNginxLogLine(config, source, parts);
    case "http":
      return openHttpLine(config, source, parts);
    case "s3":
      return openS3Line(config, source, parts);
    default:
      return source satisfies never;
  }
}
