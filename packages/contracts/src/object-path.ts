import { z } from "zod";

/**
 * Path of an object below its root: `/`-separated, relative, in a reversible text form of the raw bytes.
 *
 * File names are bytes, and a name that is not UTF-8 must not slip past moderation. Valid UTF-8 stands as
 * it is; `%`, control characters and bytes that are not UTF-8 stand as `%XX`. So a path is always printable and
 * `decodeObjectPath(encodeObjectPath(bytes))` gives the same bytes.
 */
export const objectPathSchema = z
  .string()
  .min(1)
  .max(12_288)
  .refine(isRelativeAndInside, "expected a relative path with no empty, '.' or '..' segment")
  .refine(isCanonical, "expected control characters and % to be written as %XX")
  .brand<"ObjectPath">();
export type ObjectPath = z.infer<typeof objectPathSchema>;

/** Text form of a relative path's bytes. Throws a ZodError when the path is empty, absolute or leaves its root. */
export function encodeObjectPath(bytes: Uint8Array): ObjectPath {
  return objectPathSchema.parse(escapeBytes(bytes));
}

/** The bytes that the file system knows. */
export function decodeObjectPath(path: ObjectPath): Buffer {
  return unescapeText(path);
}

const ESCAPE = /%([0-9A-F]{2})/gu;
// oxlint-disable-next-line no-control-regex -- control characters are what must be escaped
const MUST_ESCAPE = /[%\u0000-\u001F\u007F-\u009F\u2028\u2029]/gu;

/** Text that stands for itself, byte by byte. Most paths are, and there are hundreds of thousands a second of them. */
const PLAIN = /^[ -$&-~]*$/u;

function escapeBytes(bytes: Uint8Array): string {
  const plain = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  if (PLAIN.test(plain)) return plain;
  let text = "";
  for (const part of splitByValidity(bytes)) {
    text +=
      typeof part === "string"
        ? part.replace(MUST_ESCAPE, (c) => percent(Buffer.from(c, "utf8")))
        : percent(part);
  }
  return text;
}

/** Cuts bytes into valid UTF-8 (as strings) and single invalid bytes. */
function* splitByValidity(bytes: Uint8Array): Generator<string | Uint8Array> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = buffer.toString("utf8");
  if (Buffer.from(whole, "utf8").equals(buffer)) {
    yield whole;
    return;
  }
  let at = 0;
  while (at < buffer.length) {
    const length = validSequenceLength(buffer, at);
    yield length === 0 ? buffer.subarray(at, at + 1) : buffer.toString("utf8", at, at + length);
    at += Math.max(1, length);
  }
}

/** Length in bytes of the UTF-8 sequence at `at`, 0 when there is none. */
function validSequenceLength(buffer: Buffer, at: number): number {
  for (let length = 1; length <= 4 && at + length <= buffer.length; length++) {
    const slice = buffer.subarray(at, at + length);
    const text = slice.toString("utf8");
    if (!text.includes("\uFFFD") && Buffer.from(text, "utf8").equals(slice)) return length;
  }
  return 0;
}

function percent(bytes: Uint8Array): string {
  return Array.from(bytes, (b) => `%${b.toString(16).toUpperCase().padStart(2, "0")}`).join("");
}

function unescapeText(text: string): Buffer {
  if (!text.includes("%")) return Buffer.from(text, "utf8");
  const parts: Buffer[] = [];
  let last = 0;
  for (const match of text.matchAll(ESCAPE)) {
    parts.push(Buffer.from(text.slice(last, match.index), "utf8"));
    parts.push(Buffer.from([Number.parseInt(match[1] ?? "", 16)]));
    last = match.index + match[0].length;
  }
  parts.push(Buffer.from(text.slice(last), "utf8"));
  return Buffer.concat(parts);
}

function isRelativeAndInside(text: string): boolean {
  const bytes = PLAIN.test(text) ? text : unescapeText(text).toString("latin1");
  return !bytes.includes("\0") && !NO_NAME.test(bytes);
}

/** A segment that is empty, `.` or `..`. */
const NO_NAME = /(?:^|\/)\.{0,2}(?:\/|$)/u;

function isCanonical(text: string): boolean {
  return PLAIN.test(text) || escapeBytes(unescapeText(text)) === text;
}
