import type { Escape } from "./log-format-directive.ts";

/**
 * Gives back the bytes that nginx had before it escaped them, one character per byte (latin1): log lines are read that way,
 * because names that are not UTF-8 stand in them as they are. `-` is how the default escaping writes an empty value.
 */
export function unescapeValue(value: string, escape: Escape): string {
  switch (escape) {
    case "default":
      if (value === "-") return "";
      return value.includes("\\") ? value.replace(HEX, fromHex) : value;
    case "json":
      return value.includes("\\") ? value.replace(JSON_ESCAPE, fromJson) : value;
    default:
      return escape satisfies never;
  }
}

const HEX = /\\x([0-9A-Fa-f]{2})/gu;
const JSON_ESCAPE = /\\(?:u00([0-9A-Fa-f]{2})|(.))/gu;

function fromHex(_: string, hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}

function fromJson(_: string, hex: string | undefined, char: string): string {
  if (hex !== undefined) return fromHex(_, hex);
  return JSON_CONTROL.get(char) ?? char;
}

const JSON_CONTROL: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["b", "\b"],
  ["f", "\f"],
]);
