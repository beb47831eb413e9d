import { directiveOf } from "./format/known-formats.ts";
import { compileLineFormat, type LineFormat } from "./format/line-format.ts";
import { createPathMap, type PathRule } from "./upload/path-map.ts";
import type { UploadRules } from "./upload/upload-judge.ts";

/** How a site's logs are to be understood, as it is configured. */
export interface LogSettings {
  /** A known format's name, or a log_format directive. */
  readonly format: string;
  readonly uploadHeader: string;
  readonly uris: readonly PathRule[];
  /** None: the root's own folder. */
  readonly files: readonly PathRule[];
  readonly maxNames: number;
}

export interface LogRules {
  readonly format: LineFormat;
  readonly rules: UploadRules;
}

/** @param folder of the root; null: it is none. @throws LogFormatError */
export function openLogRules(settings: LogSettings, folder: string | null): LogRules {
  const { format, uploadHeader, uris, files, maxNames } = settings;
  const own = folder === null ? [] : [{ prefix: folder, to: "" }];
  return {
    format: compileLineFormat(directiveOf(format), { uploadHeader }),
    rules: {
      uris: createPathMap(uris),
      files: createPathMap(files.length === 0 ? own : files),
      maxNames,
    },
  };
}
