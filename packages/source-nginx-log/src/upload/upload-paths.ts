import { cleanPath, decodePercent, type CleanPath } from "./request-path.ts";

/**
 * The paths in the header with which an application names what it has stored: relative to the root, percent-encoded, with commas
 * between them. What comes after `maxNames` is not looked at; the last entry says so then.
 */
export function splitUploadPaths(value: string, maxNames: number): readonly CleanPath[] {
  const parts = value.split(",", maxNames + 1).map((part) => part.trim());
  const paths = parts
    .slice(0, maxNames)
    .filter((part) => part !== "")
    .map(toPath);
  return parts.length > maxNames ? [...paths, { refusal: "too-many" }] : paths;
}

function toPath(part: string): CleanPath {
  const decoded = decodePercent(part);
  return decoded === null ? { refusal: "bad-encoding" } : cleanPath(decoded);
}
