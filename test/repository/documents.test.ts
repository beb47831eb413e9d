import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./read-workspace.ts";

const sources = globSync("{apps,packages}/*/src/**/*.ts", { cwd: root })
  .filter((path) => !/\.test\.ts$|\/testing\/|\/fake-/u.test(path))
  .map((path) => readFileSync(join(root, path), "utf8"))
  .join("\n");

/** First column of a page's table. */
function listed(page: string): string[] {
  const text = readFileSync(join(root, "docs", page), "utf8");
  return [...text.matchAll(/^\| `([A-Za-z_.]+)` \|/gmu)].map((match) => match[1] ?? "").toSorted();
}

function found(pattern: RegExp): string[] {
  return [
    ...new Set([...sources.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? "")),
  ].toSorted();
}

test("docs/errors.md lists exactly the codes of our error classes", () => {
  const codes = found(/readonly code(?:: string)? = "([A-Z_]+)"|CliError\(\s*"([A-Z_]+)"/gu);
  expect(codes.length).toBeGreaterThan(20);
  expect(listed("errors.md")).toEqual(codes);
});

test("docs/events.md lists exactly the events that are logged", () => {
  const events = found(/event: "([a-z_]+\.[a-z_]+)"/gu).filter((name) => name !== "noun.past_verb");
  expect(events.length).toBeGreaterThan(20);
  expect(listed("events.md")).toEqual(events);
});

test("pages that are linked from the README exist", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const links = [...readme.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/gu)].map((match) => match[1] ?? "");
  expect(links.length).toBeGreaterThan(3);
  expect(links.filter((link) => globSync(link, { cwd: root }).length === 0)).toEqual([]);
});
