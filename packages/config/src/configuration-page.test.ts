import { readFileSync } from "node:fs";
import { join } from "node:path";
import { unscannableReasonSchema } from "@sluice/contracts";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { configFileSchema } from "./config-file.ts";
import { SETTING_NAMES } from "./setting-names.ts";

const docs = join(import.meta.dirname, "../../../docs");
const page = readFileSync(join(docs, "configuration.md"), "utf8");

test("every setting stands in docs/configuration.md", () => {
  const reasons = new Set<string>(unscannableReasonSchema.options);
  const missing = SETTING_NAMES.filter((name) => !reasons.has(name) && !page.includes(name));
  expect(SETTING_NAMES.length).toBeGreaterThan(50);
  expect(missing).toEqual([]);
});

test("every reason for not scanning stands in docs/unscannable.md", () => {
  const reasons = readFileSync(join(docs, "unscannable.md"), "utf8");
  const listed = [...reasons.matchAll(/^\| `([a-z-]+)` \|/gmu)].map((match) => match[1]);
  expect(listed.toSorted()).toEqual([...unscannableReasonSchema.options].toSorted());
});

test("the example on the page is a valid configuration", () => {
  const [, example = ""] = /```yaml\n([\s\S]*?)```/u.exec(page) ?? [];
  expect(configFileSchema.safeParse(parse(example)).error).toBeUndefined();
});
