import type { Escape } from "../format/log-format-directive.ts";
import { parseLogFormat } from "../format/log-format-directive.ts";

/** Writes a line as nginx does: values are bytes (latin1), escaped by nginx's own rules. */
export function printLine(directive: string, values: ReadonlyMap<string, string>): string {
  const { text, escape } = parseLogFormat(directive);
  return text.replace(/\$(?:\{(\w+)\}|(\w+))/gu, (_, braced?: string, bare?: string) =>
    escapeValue(values.get(braced ?? bare ?? "") ?? "", escape),
  );
}

/** ngx_http_log_escape and ngx_escape_json. */
function escapeValue(value: string, escape: Escape): string {
  if (escape === "default") {
    if (value === "") return "-";
    // oxlint-disable-next-line no-control-regex -- nginx's own rule
    return value.replace(/["\\\u0000-\u001F\u007F-\u00FF]/gu, (c) => `\\x${hex(c)}`);
  }
  // oxlint-disable-next-line no-control-regex -- nginx's own rule
  return value.replace(/["\\\u0000-\u001F]/gu, (c) => SHORT.get(c) ?? `\\u00${hex(c)}`);
}

function hex(char: string): string {
  return char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0");
}

const SHORT: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\b", "\\b"],
  ["\f", "\\f"],
]);
