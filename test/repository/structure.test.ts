import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readWorkspace, root } from "./read-workspace.ts";
import { findViolations, type PackageFacts } from "./workspace-rules.ts";

test("dependencies point inwards only, and every native library has one owner", () => {
  expect(findViolations(readWorkspace())).toEqual([]);
});

test("no source file is longer than 400 lines", () => {
  const files = globSync("{apps,packages,infra,test,tools,bin}/**/*.{ts,mjs}", {
    cwd: root,
    exclude: ["**/node_modules/**", "**/dist/**"],
  });
  expect(files.length).toBeGreaterThan(100);
  const long = files.filter(
    (file) => readFileSync(join(root, file), "utf8").split("\n").length > 400,
  );
  expect(long).toEqual([]);
});

test("the top level holds what the design names", () => {
  const present = globSync("*", { cwd: root });
  for (const name of [
    "apps",
    "packages",
    "infra",
    "test",
    "docs",
    "pnpm-workspace.yaml",
    "turbo.json",
    "package.json",
    "tsconfig.base.json",
    "README.md",
    "ARCHITECTURE.md",
    "LICENSE",
  ]) {
    expect(present).toContain(name);
  }
});

describe("the checker itself finds", () => {
  const make = (
    change: Partial<PackageFacts>,
    text = "",
    imports: string[] = [],
  ): PackageFacts => ({
    name: "@sluice/a",
    kind: "core",
    folder: "packages/a",
    dependencies: [],
    devDependencies: [],
    references: [],
    files: [{ path: "packages/a/src/x.ts", isTest: false, imports, text }],
    ...change,
  });
  const b = make({ name: "@sluice/b", kind: "adapter", folder: "packages/b", files: [] });
  test.each<[string, PackageFacts[], RegExp]>([
    [
      "a core package on an adapter",
      [make({ dependencies: ["@sluice/b"], references: ["packages/b"] }), b],
      /core\) may not depend on @sluice\/b \(adapter/u,
    ],
    [
      "an adapter on an adapter",
      [make({ kind: "adapter", dependencies: ["@sluice/b"], references: ["packages/b"] }), b],
      /adapter\) may not depend on @sluice\/b/u,
    ],
    ["a clock in the core", [make({}, "const t = Date.now();")], /core\) uses Date\.now/u],
    ["files in the core", [make({}, "", ["node:fs"])], /core\) imports node:fs/u],
    [
      "a second owner of sharp",
      [make({ kind: "adapter", dependencies: ["sharp"] })],
      /may not depend on sharp/u,
    ],
    [
      "a deep import",
      [
        make({ kind: "app", dependencies: ["@sluice/b"], references: ["packages/b"] }, "", [
          "@sluice/b/src/x.ts",
        ]),
        b,
      ],
      /imports inside of @sluice\/b/u,
    ],
    ["an undeclared dependency", [make({ kind: "app" }, "", ["left-pad"])], /does not declare/u],
    [
      "a missing reference",
      [make({ kind: "app", dependencies: ["@sluice/b"] }), b],
      /lacks a reference to packages\/b/u,
    ],
    [
      "a cycle",
      [
        make({ dependencies: ["@sluice/c"], references: ["packages/c"] }),
        make({
          name: "@sluice/c",
          folder: "packages/c",
          dependencies: ["@sluice/a"],
          references: ["packages/a"],
          files: [],
        }),
      ],
      /cycle: @sluice\/a → @sluice\/c → @sluice\/a/u,
    ],
  ])("%s", (_, packages, expected) => {
    expect(findViolations(packages).join("\n")).toMatch(expected);
  });
});
