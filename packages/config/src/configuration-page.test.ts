import { readFileSync } from "node:fs";
import { join } from "node:path";
import { unscannableReasonSchema } from "@sluice/contracts";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { configFileSchema } from "./config-file.ts";
import { nodesAt, SETTING_NAMES } from "./setting-tree.ts";
import { problemsOf, site, UPLOADS, type Settings } from "./testing/site.ts";

const docs = join(import.meta.dirname, "../../../docs");
const page = readFileSync(join(docs, "configuration.md"), "utf8");

/** Rows of the page's tables about plain settings: dotted name and last cell (default, limits), by section. */
const ROWS = page.split(/^## /mu).flatMap((section) => {
  const [heading = ""] = section.split("\n");
  const [, group, kind] =
    /^(sources|roots|ingest|worker|objectEndpoint)(?:: ([\w-]+))?$/u.exec(heading) ?? [];
  const prefix = group === undefined ? "" : `${group}.`;
  return [...section.matchAll(/^\| `([\w.]+)` \|.*\| ([^|]+) \|$/gmu)].map(
    ([, name = "", cell = ""]) => ({
      setting: prefix + name,
      kind: kind ?? "folder",
      cell: cell.replaceAll("`", ""),
    }),
  );
});

test("every setting stands in docs/configuration.md", () => {
  const reasons = new Set<string>(unscannableReasonSchema.options);
  const missing = SETTING_NAMES.filter((name) => !reasons.has(name) && !page.includes(name));
  expect(SETTING_NAMES.length).toBeGreaterThan(50);
  expect(missing).toEqual([]);
});

test("every default on the page is the one that holds", () => {
  const checked = ROWS.flatMap(({ setting, cell }) => {
    // Kinds of sources may have the same setting with defaults of their own.
    const standards = nodesAt(
      setting.replace("sources.", "sources.0.").replace("roots.", "roots.any.s3.").split("."),
    )
      .map(({ defaultValue }) => defaultValue)
      .filter((value) => ["string", "number", "boolean"].includes(typeof value));
    if (standards.length === 0) return [];
    return [{ setting, told: cell.split(/[;,]/u)[0] ?? "", holds: standards.map(String) }];
  });
  expect(checked.length).toBeGreaterThan(30);
  expect(checked.filter(({ told, holds }) => !holds.includes(told))).toEqual([]);
});

test("every pair of limits on the page is the one that holds", async () => {
  const limited = ROWS.filter(({ cell }) => /; \d+–\d+$/u.test(cell));
  expect(limited.length).toBeGreaterThan(25);
  for (const { setting, kind, cell } of limited) {
    const limits = /(\d+)–(\d+)$/u.exec(cell)?.slice(1).join(" to ");
    const problems = await problemsOf(site(makeWrong(setting, kind)));
    const [, ...names] = setting.split(".");
    const problem = problems.find((told) => told.includes(`.${names.join(".")}: `));
    expect(problem ?? problems[0]).toMatch(
      new RegExp(`: expected a whole number[a-z ]* from ${limits}, `, "u"),
    );
  }
});

test("every reason for not scanning stands in docs/unscannable.md", () => {
  const reasons = readFileSync(join(docs, "unscannable.md"), "utf8");
  const listed = [...reasons.matchAll(/^\| `([a-z-]+)` \|/gmu)].map((match) => match[1]);
  expect(new Set(listed)).toEqual(new Set(unscannableReasonSchema.options));
  expect(listed).toHaveLength(unscannableReasonSchema.options.length);
});

test("the example on the page is a valid configuration", () => {
  const [, example = ""] = /```yaml\n([\s\S]*?)```/u.exec(page) ?? [];
  expect(configFileSchema.safeParse(parse(example)).error).toBeUndefined();
});

/** The least that a source of each kind says. */
const SOURCES: Readonly<Record<string, Settings>> = {
  folder: UPLOADS,
  http: { name: "api", kind: "http", root: "uploads", port: 0 },
  "nginx-log": { name: "web", kind: "nginx-log", root: "uploads", logs: ["/a.log"] },
  s3: { name: "bucket", kind: "s3", root: "uploads" },
  clamd: { name: "mail", kind: "clamd", root: "uploads", port: 0 },
};

/** Settings in which the one that is named has a value that no number can be. */
function makeWrong(setting: string, kind: string): Settings {
  const [group = "", name = "", part] = setting.split(".");
  const wrong = part === undefined ? "wrong" : { [part]: "wrong" };
  if (group === "sources") return { sources: [{ ...SOURCES[kind], [name]: wrong }] };
  if (group === "roots") return { roots: { uploads: { s3: { bucket: "a-b", [name]: "wrong" } } } };
  return { [group]: { [name]: "wrong" } };
}
