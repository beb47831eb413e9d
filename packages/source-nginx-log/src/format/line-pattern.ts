import type { FormatPart } from "./format-parts.ts";
import type { Escape } from "./log-format-directive.ts";
import { LogFormatError } from "./log-format-error.ts";
import { safeCharactersOf } from "./variables.ts";

/** A log_format as a regular expression over one line. */
export interface LinePattern {
  readonly regExp: RegExp;
  /** Variables that are captured, in the order of the groups. */
  readonly captured: readonly string[];
}

/** Most values in a row that a client chooses and whose ends are not certain: matching them takes time in powers of their length. */
const MAX_UNBOUNDED = 2;

/**
 * Makes the pattern, and refuses formats in which a client could move the borders of a value that is looked at.
 *
 * What no value contains, because nginx escapes it: a quote and control characters. Such a character in the format is a
 * *border*: whatever stands in the values before it, it is where it is. A value that a client chooses and that no border of the text after it
 * ends is *loose*: it may look like what comes after it (a user may be named `a [x] `), and until the next border nothing can be
 * believed. So nothing that is looked at may be loose, or stand between a loose value and the next border.
 *
 * @throws LogFormatError
 */
export function compilePattern(
  parts: readonly FormatPart[],
  {
    name,
    escape,
    isWanted,
  }: {
    readonly name: string;
    readonly escape: Escape;
    readonly isWanted: (variable: string) => boolean;
  },
): LinePattern {
  const captured: string[] = [];
  let source = "";
  let loose: readonly string[] = [];
  for (const [index, part] of parts.entries()) {
    if (part.kind === "literal") {
      source += part.text.replace(/[\^$\\.*+?()[\]{}|/]/gu, "\\$&");
      if (BORDER.test(part.text)) loose = [];
      continue;
    }
    const next = parts[index + 1];
    const isBound = next?.kind !== "literal" || BORDER.test(next.text);
    const isSafe = safeCharactersOf(part.name) !== null;
    const isCaptured = isWanted(part.name) && !captured.includes(part.name);
    if (isCaptured) refuseDoubt(name, part.name, isSafe || isBound ? loose : [...loose, part.name]);
    if (!isSafe && !isBound) loose = [...loose, part.name];
    refuseMany(name, loose);
    const value = valuePattern(part.name, { escape, isBound });
    source += isCaptured ? `(${value})` : `(?:${value})`;
    if (isCaptured) captured.push(part.name);
  }
  return { regExp: new RegExp(`^${source}$`, "u"), captured };
}

// oxlint-disable-next-line no-control-regex -- control characters are what nginx escapes
const BORDER = /["\u0000-\u001F]/u;

function valuePattern(
  variable: string,
  { escape, isBound }: { readonly escape: Escape; readonly isBound: boolean },
): string {
  const safe = safeCharactersOf(variable);
  if (safe !== null) return `[${safe}]*`;
  const plain = escape === "default" ? '[^"\\u0000-\\u001F]' : '[^"\\\\\\u0000-\\u001F]';
  if (escape === "default") return isBound ? `${plain}*` : `${plain}*?`;
  // Each character can be matched in one way only, so a line that does not fit is given up in linear time.
  return isBound ? `${plain}*(?:\\\\.${plain}*)*` : `(?:${plain}|\\\\.)*?`;
}

function refuseDoubt(name: string, variable: string, loose: readonly string[]): void {
  const [culprit] = loose;
  if (culprit === undefined) return;
  const why =
    culprit === variable
      ? `$${variable} may hold anything, so its end is not certain`
      : `$${culprit} may hold anything, so it can be made to look like $${variable} as well`;
  throw new LogFormatError(
    `log_format ${name}: ${why}; put quotes around $${culprit}, as in "$${culprit}"`,
  );
}

function refuseMany(name: string, loose: readonly string[]): void {
  if (loose.length <= MAX_UNBOUNDED) return;
  throw new LogFormatError(
    `log_format ${name}: ${loose.map((variable) => `$${variable}`).join(", ")} stand one after the other and each may hold anything; put quotes around them, as in "$${loose[0]}"`,
  );
}
