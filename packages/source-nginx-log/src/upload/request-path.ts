/** Why a name from a log leads nowhere. */
export type NameRefusal =
  | "no-path"
  | "bad-encoding"
  | "nul"
  | "outside"
  | "too-long"
  | "too-many"
  | "unmapped";

/** PATH_MAX of Linux; no file has a longer path. */
const MAX_NAME_BYTES = 4096;

export type CleanPath =
  | { readonly path: string; readonly isDirectory: boolean }
  | { readonly refusal: NameRefusal };

/** The path of a request's target or of a Location: without origin and query, decoded once, and cleaned. Strings hold bytes. */
export function cleanTarget(target: string): CleanPath {
  const [, path = ""] = /^(?:[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*)?([^?#]*)/u.exec(target) ?? [];
  if (!path.startsWith("/")) return { refusal: "no-path" };
  const decoded = decodePercent(path);
  return decoded === null ? { refusal: "bad-encoding" } : cleanPath(decoded);
}

/**
 * A path that needs no decoding any more: empty parts and `.` go, `..` goes up, nothing goes above the root. Only the text is
 * looked at: no link can be followed by it.
 */
export function cleanPath(path: string): CleanPath {
  if (path.length > MAX_NAME_BYTES) return { refusal: "too-long" };
  if (path.includes("\0")) return { refusal: "nul" };
  if (path.startsWith("/") && !UNCLEAN.test(path)) return { path, isDirectory: false };
  const parts: string[] = [];
  const given = path.split("/");
  for (const part of given) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return { refusal: "outside" };
  }
  const isDirectory = ["", ".", ".."].includes(given.at(-1) ?? "");
  return { path: `/${parts.join("/")}`, isDirectory };
}

/** An empty part, `.` or `..`, at the end as well. */
const UNCLEAN = /\/(?:\.{0,2})(?:\/|$)/u;

/** Decodes once; null when a `%` is no escape. */
export function decodePercent(text: string): string | null {
  if (!text.includes("%")) return text;
  if (/%(?![0-9A-Fa-f]{2})/u.test(text)) return null;
  return text.replace(/%(..)/gu, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
