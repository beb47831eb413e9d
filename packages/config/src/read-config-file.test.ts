import { expect, test } from "vitest";
import { problemsOf } from "./testing/site.ts";

test.each<[string, string, RegExp]>([
  [
    "what is no YAML",
    "version: [1",
    /^not valid YAML: .* at line 1, column 12; correct it there$/u,
  ],
  ["a tab", "version: 1\nroots:\n\tuploads: x", /^not valid YAML: Tabs .* at line 3, column 1;/u],
  ["a key twice", "version: 1\nversion: 1", /^not valid YAML: .*unique/u],
  ["two documents", "version: 1\n---\nversion: 1", /^not valid YAML: .*multiple documents/u],
  ["nothing", "", /^the file: expected settings as `name: value`, received nothing; correct it$/u],
  ["a list", "- version", /^the file: expected settings as `name: value`, received \["version"\]/u],
  ["far too much", "#".repeat(2 << 20), /expected at most 1048576 bytes, received 2097152;/u],
])("%s is refused", async (_, text, expected) => {
  expect(await problemsOf(text)).toContainEqual(expect.stringMatching(expected));
});

test("a document that unfolds without end is refused before it does", async () => {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let i = 1; i < 12; i++) {
    lines.push(`a${i}: &a${i} [${Array.from({ length: 10 }, () => `*a${i - 1}`).join(", ")}]`);
  }
  expect(await problemsOf(lines.join("\n"))).toEqual([
    expect.stringMatching(/^not usable YAML: .*; write it without aliases$/u),
  ]);
});
