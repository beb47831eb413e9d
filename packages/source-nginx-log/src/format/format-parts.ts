import { LogFormatError } from "./log-format-error.ts";

/** A format's text as literals and variables in turn; two variables are never neighbours. */
export type FormatPart =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "variable"; readonly name: string };

/** @throws LogFormatError when two variables stand side by side, because nobody could tell where one ends */
export function splitFormat(name: string, text: string): readonly FormatPart[] {
  const parts: FormatPart[] = [];
  let end = 0;
  for (const match of text.matchAll(/\$(?:\{(\w+)\}|(\w+))/gu)) {
    if (match.index > end) parts.push({ kind: "literal", text: text.slice(end, match.index) });
    const variable = match[1] ?? match[2] ?? "";
    const before = parts.at(-1);
    if (before?.kind === "variable") {
      throw new LogFormatError(
        `log_format ${name}: $${before.name} and $${variable} stand side by side, so nothing tells where one ends; put a space or quotes between them`,
      );
    }
    parts.push({ kind: "variable", name: variable });
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push({ kind: "literal", text: text.slice(end) });
  return parts;
}
