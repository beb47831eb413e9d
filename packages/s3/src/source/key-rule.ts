import picomatch from "picomatch";
import type { SkippedKey } from "./s3-events.ts";

/** Why what lies under a key is no object of the source; null: it is one. */
export type KeyRule = (key: string, sizeBytes: number) => SkippedKey | null;

/**
 * Consoles make folders as empty objects whose name ends with `/`. `ignore` patterns are matched against the key below the prefix, and names
 * that begin with a dot are like any others. A pattern that cannot be compiled throws.
 */
export function compileKeyRule({
  prefix,
  ignore,
}: {
  readonly prefix: string;
  readonly ignore: readonly string[];
}): KeyRule {
  const isIgnored = ignore.length === 0 ? () => false : picomatch([...ignore], { dot: true });
  return (key, sizeBytes) => {
    if (sizeBytes === 0 && key.endsWith("/")) return "folder-marker";
    return isIgnored(key.slice(prefix.length)) ? "ignored" : null;
  };
}
