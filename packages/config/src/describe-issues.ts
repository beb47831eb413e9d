import type { z } from "zod";
import { nearestName } from "./nearest-name.ts";
import { nodesAt, placesOf } from "./setting-tree.ts";

type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

/** Where a value came from when it was not the file: the environment variable's name by dotted setting. */
export type Origins = ReadonlyMap<string, string>;

/**
 * Turns what zod found into sentences that name the setting (and the variable, where one set it), what was expected, what was
 * received, and what to do. Values that may hold a password are not shown.
 */
export function describeIssues(
  error: z.ZodError,
  received: unknown,
  origins: Origins = new Map(),
): string[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => describeUnknown([...issue.path, key], received));
    }
    if (issue.code === "invalid_key") return [describeBadName(issue)];
    return [describeBadValue(issue, received, origins)];
  });
}

function describeBadValue(issue: Issue, received: unknown, origins: Origins): string {
  const name = nameOf(issue.path);
  const variable = origins.get(name);
  const setting = variable === undefined ? name : `${variable} (${name})`;
  const value = valueAt(received, issue.path);
  const expected = expectationOf(issue);
  if (value === undefined) return `${setting}: is missing; ${expected}; add it`;
  const [node] = nodesAt(issue.path);
  const standard = node?.defaultValue;
  const remedy =
    isPlain(standard) && variable === undefined
      ? `correct it, or leave it out for the default ${JSON.stringify(standard)}`
      : "correct it";
  return `${setting}: ${expected}, received ${show(value, name)}; ${remedy}`;
}

/** Messages of our own schemas begin with "expected"; zod's are put into the same words. */
function expectationOf(issue: Issue): string {
  if (issue.message.startsWith("expected ")) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return `expected ${KINDS[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `expected ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}`;
    case "too_small":
      return `expected ${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}${unitOf(issue.origin)}`;
    case "too_big":
      return `expected ${issue.inclusive === false ? "less than" : "at most"} ${issue.maximum}${unitOf(issue.origin)}`;
    case "invalid_union": {
      const options: unknown = "options" in issue ? issue.options : [];
      return `expected ${(Array.isArray(options) ? options : []).map((o) => JSON.stringify(o)).join(" or ")}`;
    }
    default:
      return `expected another value (${issue.message})`;
  }
}

const KINDS: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a number",
  string: "text",
  boolean: "true or false",
  array: "a list",
  object: "settings as `name: value`",
  record: "settings as `name: value`",
};

function unitOf(origin: string): string {
  if (origin === "string") return " characters";
  return origin === "array" ? " entries" : "";
}

function describeBadName(issue: Extract<Issue, { code: "invalid_key" }>): string {
  const name = String(issue.path.at(-1));
  const group = nameOf(issue.path.slice(0, -1));
  const rule = issue.issues[0]?.message ?? "expected another name";
  return `${group}: the name ${JSON.stringify(name)} cannot be used; ${rule}`;
}

/** A name that the schema does not know at this place: misspelt, in the wrong place, or of another mode. */
function describeUnknown(path: Path, received: unknown): string {
  const setting = nameOf(path);
  const name = String(path.at(-1));
  const siblings = nodesAt(path.slice(0, -1)).flatMap(({ children }) => [...children.keys()]);
  if (siblings.includes(name)) {
    const mode = valueAt(received, [...path.slice(0, -1), "mode"]);
    return `${setting}: unknown setting of mode ${JSON.stringify(mode)}; remove it, or choose the other mode`;
  }
  const near = nearestName(name, siblings);
  if (near !== null) return `${setting}: unknown setting; did you mean "${near}"?`;
  const places = placesOf(name);
  if (places.length > 0) return `${setting}: unknown setting; its place is ${places.join(" or ")}`;
  const known = siblings.filter((sibling) => sibling !== "*");
  const hint = known.length === 0 ? "" : `; known here are ${known.join(", ")}`;
  return `${setting}: unknown setting; remove it${hint}`;
}

function nameOf(path: Path): string {
  const text = path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("");
  return text === "" ? "the file" : text.replace(/^\./u, "");
}

function valueAt(received: unknown, path: Path): unknown {
  let value = received;
  for (const part of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}

const MAX_SHOWN_CHARS = 120;

function show(value: unknown, name: string): string {
  if (name === "redis.url") return "a value that is not shown, as it may hold a password";
  if (value === null) return "nothing";
  const text = JSON.stringify(value).replaceAll(USER_INFO, "$<scheme>…@");
  return text.length > MAX_SHOWN_CHARS ? `${text.slice(0, MAX_SHOWN_CHARS - 3)}...` : text;
}

/** User name and password of a URL, wherever somebody wrote one. */
const USER_INFO = /(?<scheme>\w+:\/\/)[^\s"]*@/gu;

function isPlain(value: unknown): boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}
