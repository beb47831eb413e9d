import { LogFormatError } from "./log-format-error.ts";

/** nginx's `log_format` directive, taken apart. */
export interface LogFormatDirective {
  readonly name: string;
  readonly escape: Escape;
  /** The line with its variables, the parts joined. */
  readonly text: string;
}

/** How nginx keeps what a client sent from looking like the format itself. */
export type Escape = "default" | "json";

/** Reads the directive as it stands in nginx.conf, comments and line breaks included. @throws LogFormatError */
export function parseLogFormat(directive: string): LogFormatDirective {
  const [keyword, name, ...rest] = splitTokens(directive);
  if (keyword !== "log_format" || name === undefined) {
    throw new LogFormatError(
      `expected nginx's whole directive, such as log_format uploads escape=json '…'; received ${excerpt(directive)}: copy it from nginx.conf (nginx -T prints it)`,
    );
  }
  const [first = "", ...others] = rest;
  const escape = /^escape=(.*)$/su.exec(first)?.[1];
  const text = (escape === undefined ? rest : others).join("");
  if (text === "") throw new LogFormatError(`log_format ${name}: expected a text, found none`);
  return { name, escape: readEscape(name, escape ?? "default"), text };
}

function readEscape(name: string, escape: string): Escape {
  if (escape === "default" || escape === "json") return escape;
  if (escape === "none") {
    throw new LogFormatError(
      `log_format ${name}: escape=none lets a client write whole lines of its own (a line break in an address is enough); use escape=json, or leave escape out`,
    );
  }
  throw new LogFormatError(
    `log_format ${name}: expected escape=default or escape=json, received escape=${excerpt(escape)}`,
  );
}

/** nginx's words up to the semicolon: bare, 'quoted' or "quoted", with comments between them. */
function splitTokens(directive: string): string[] {
  const tokens: string[] = [];
  let rest = directive.replace(BETWEEN, "");
  while (rest !== "" && !rest.startsWith(";")) {
    const token = QUOTED.exec(rest) ?? BARE.exec(rest);
    if (token === null) {
      throw new LogFormatError(`log_format: a quote is not closed in ${excerpt(rest)}`);
    }
    tokens.push(unescapeToken(token[2] ?? token[0]));
    rest = rest.slice(token[0].length).replace(BETWEEN, "");
  }
  return tokens;
}

const BETWEEN = /^(?:\s|#[^\n]*(?:\n|$))+/u;
const QUOTED = /^(["'])((?:\\[\s\S]|(?!\1)[^\\])*)\1/u;
const BARE = /^(?:\\[\s\S]|\$\{[^}]*\}|[^\s;"'\\])(?:\\[\s\S]|\$\{[^}]*\}|[^\s;\\])*/u;

/** nginx takes the backslash away before these and keeps it before everything else. */
function unescapeToken(token: string): string {
  return token.replace(/\\(["'\\trn])/gu, (_, char: string) => CONTROL.get(char) ?? char);
}

const CONTROL: ReadonlyMap<string, string> = new Map([
  ["t", "\t"],
  ["r", "\r"],
  ["n", "\n"],
]);

function excerpt(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
