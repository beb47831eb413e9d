/** Gives the name that another library has for a tensor which the definition calls `name`. */
export type Renaming = (name: string) => string;

/** The library that the definition was written after. */
export const asDefined: Renaming = (name) => name;

type Rule = readonly [pattern: RegExp, replacement: string | ((...groups: string[]) => string)];

/** Rules that follow each other: each sees what the earlier ones made. */
export function renaming(...rules: readonly Rule[]): Renaming {
  return (name) => rules.reduce((result, rule) => apply(result, rule), name);
}

function apply(name: string, [pattern, replacement]: Rule): string {
  if (typeof replacement === "string") return name.replace(pattern, replacement);
  return name.replace(pattern, (...match: unknown[]) =>
    replacement(...match.slice(1, -2).map(String)),
  );
}

/** Libraries that count from one: "0" becomes "1". */
export function plusOne(index: string): string {
  return String(Number(index) + 1);
}
