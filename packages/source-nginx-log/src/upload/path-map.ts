import { encodeObjectPath, type ObjectPath } from "@sluice/contracts";
import type { NameRefusal } from "./request-path.ts";

/** Paths that begin with `prefix` lie below `to` in the root. */
export interface PathRule {
  /** Absolute, such as `/uploads/`. */
  readonly prefix: string;
  /** Below the root, such as `2026/inbox`; empty: the root itself. */
  readonly to: string;
}

export type MappedPath = { readonly path: ObjectPath } | { readonly refusal: NameRefusal };

/** Maps clean paths (latin1) to objects of the root: the longest prefix counts, and prefixes end where a name ends. */
export type PathMap = (path: string) => MappedPath;

export function createPathMap(rules: readonly PathRule[]): PathMap {
  const sorted = rules
    .map(({ prefix, to }) => ({ prefix: withSlash(toLatin1(prefix)), to: toFolder(to) }))
    .sort((a, b) => b.prefix.length - a.prefix.length);
  return (path) => {
    const rule = sorted.find(({ prefix }) => path.startsWith(prefix));
    if (rule === undefined) return { refusal: "unmapped" };
    return toObjectPath(rule.to + path.slice(rule.prefix.length));
  };
}

/** `path`: clean, relative, as bytes. */
export function toObjectPath(path: string): MappedPath {
  if (path === "") return { refusal: "no-path" };
  return { path: encodeObjectPath(Buffer.from(path, "latin1")) };
}

function toFolder(to: string): string {
  const clean = toLatin1(to)
    .split("/")
    .filter((part) => part !== "")
    .join("/");
  return clean === "" ? "" : `${clean}/`;
}

function withSlash(prefix: string): string {
  return prefix.endsWith("/") ? prefix : `${prefix}/`;
}

/** Settings are text, paths are bytes. */
function toLatin1(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
