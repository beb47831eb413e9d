import picomatch from "picomatch";
import { toText, type BytePath } from "./byte-path.ts";

/** Answers a question about a path below the folder. */
export type PathRule = (path: BytePath) => boolean;

/**
 * Compiles `ignore` patterns, matched against the path below the folder. A directory that matches is not entered. Names
 * that begin with a dot are like any others: a file must not hide by its name. A pattern that cannot be compiled throws.
 */
export function compileIgnoreRule(patterns: readonly string[]): PathRule {
  if (patterns.length === 0) return () => false;
  const matches = picomatch([...patterns], { dot: true });
  return (path) => matches(toText(path));
}

/**
 * Compiles `include` patterns, which files have to match; without any, all do. Upper and lower case are the same here, and
 * only here: in doubt a file is looked at.
 */
export function compileIncludeRule(patterns: readonly string[]): PathRule {
  if (patterns.length === 0) return () => true;
  const matches = picomatch([...patterns], { dot: true, nocase: true });
  return (path) => matches(toText(path));
}
