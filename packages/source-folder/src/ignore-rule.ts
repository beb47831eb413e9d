import picomatch from "picomatch";
import { toText, type BytePath } from "./byte-path.ts";

export type IgnoreRule = (path: BytePath) => boolean;

/**
 * Compiles `ignore` patterns, matched against the path below the folder. A directory that matches is not entered. Names
 * that begin with a dot are like any others: a file must not hide by its name. A pattern that cannot be compiled throws.
 */
export function compileIgnoreRule(patterns: readonly string[]): IgnoreRule {
  if (patterns.length === 0) return () => false;
  const matches = picomatch([...patterns], { dot: true });
  return (path) => matches(toText(path));
}
