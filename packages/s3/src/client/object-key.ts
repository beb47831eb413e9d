import { decodeObjectPath, encodeObjectPath, type ObjectPath } from "@sluice/contracts";

/**
 * Keys of a bucket are any text; paths of objects have no empty, `.` or `..` segment, so that they are file names everywhere. A key
 * that is no path is carried in a form that is one, and nothing is lost or confused:
 *
 *     a segment that is empty, `.` or `..`   →  U+001A `-` in front of it    `a//b` → `a/%1A-/b`
 *     U+0000 inside of a segment             →  U+001A `0`
 *     U+001A inside of a segment             →  U+001A `1`
 *
 * So every key has exactly one path, different keys have different paths, and `keyOfPath` gives the key again.
 */
export function pathOfKey(prefix: string, key: string): ObjectPath | null {
  if (!key.startsWith(prefix)) return null;
  const segments = key.slice(prefix.length).split("/").map(escapeSegment);
  return encodeObjectPath(Buffer.from(segments.join("/"), "utf8"));
}

/** Null for a path that no key has: bytes that are no UTF-8, which only a file's name can be. */
export function keyOfPath(prefix: string, path: ObjectPath): string | null {
  const bytes = decodeObjectPath(path);
  const text = bytes.toString("utf8");
  if (!Buffer.from(text, "utf8").equals(bytes)) return null;
  const segments = text.split("/").map(unescapeSegment);
  return segments.includes(null) ? null : prefix + segments.join("/");
}

const MARK = "\u001A";
// oxlint-disable-next-line no-control-regex -- these two are what must be escaped
const SPECIAL = /[\u0000\u001A]/gu;

function escapeSegment(segment: string): string {
  if (segment === "" || segment === "." || segment === "..") return `${MARK}-${segment}`;
  return segment.replace(SPECIAL, (character) => MARK + (character === MARK ? "1" : "0"));
}

/** Null for what `escapeSegment` never gives: two paths must not mean one key. */
function unescapeSegment(segment: string): string | null {
  const text = segment.startsWith(`${MARK}-`)
    ? segment.slice(2)
    : segment.replaceAll(`${MARK}0`, "\0").replaceAll(`${MARK}1`, MARK);
  return escapeSegment(text) === segment ? text : null;
}
