import picomatch from "picomatch";
import type { SkippedKey } from "./s3-events.ts";

/** Why what lies under a key is no object of the source; null: it is one. */
export type KeyRule = (key: string, sizeBytes: number) => SkippedKey | null;

export interface KeyPatterns {
  readonly prefix: string;
  /** What matches one of them is no object. */
  readonly ignore: readonly string[];
  /** Only what matches one of them is; none: everything. */
  readonly include: readonly string[];
}

/**
 * Consoles make folders as empty objects whose name ends with `/`. Patterns are matched against the key below the prefix, and names that
 * begin with a dot are like any others; upper and lower case are the same in `include` alone: in doubt an object is looked at. A
 * pattern that cannot be compiled throws.
 */
export function compileKeyRule({ prefix, ignore, include }: KeyPatterns): KeyRule {
  const isIgnored = ignore.length === 0 ? () => false : picomatch([...ignore], { dot: true });
  const isIncluded =
    include.length === 0 ? () => true : picomatch([...include], { dot: true, nocase: true });
  return (key, sizeBytes) => {
    if (sizeBytes === 0 && key.endsWith("/")) return "folder-marker";
    const name = key.slice(prefix.length);
    return isIgnored(name) || !isIncluded(name) ? "ignored" : null;
  };
}
