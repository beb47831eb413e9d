import type { z } from "zod";
import { nearestName } from "./nearest-name.ts";

/**
 * Turns what zod found into sentences that name the setting, what was expected and what was received. Unknown
 * settings come with the nearest known name.
 */
export function describeIssues(
  error: z.ZodError,
  received: unknown,
  knownNames: readonly string[],
): string[] {
  return error.issues.flatMap((issue) => describe(issue, received, knownNames));
}

function describe(
  issue: z.core.$ZodIssue,
  received: unknown,
  knownNames: readonly string[],
): string[] {
  const setting = nameOf(issue.path);
  if (issue.code !== "unrecognized_keys") {
    return [`${setting}: ${issue.message}; received ${show(received, issue.path)}`];
  }
  return issue.keys.map((key) => {
    const near = nearestName(key, knownNames);
    const hint = near === null ? "remove it" : `did you mean "${near}"?`;
    return `${nameOf([...issue.path, key])}: unknown setting; ${hint}`;
  });
}

function nameOf(path: readonly PropertyKey[]): string {
  const text = path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("");
  return text === "" ? "the file" : text.replace(/^\./u, "");
}

function show(received: unknown, path: readonly PropertyKey[]): string {
  let value = received;
  for (const part of path) {
    if (typeof value !== "object" || value === null) return "nothing";
    value = Reflect.get(value, part);
  }
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
