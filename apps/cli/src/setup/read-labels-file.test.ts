import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readLabelsFile } from "./read-labels-file.ts";

async function labelsIn(text: string): Promise<readonly string[]> {
  const path = join(await mkdtemp(join(tmpdir(), "sluice-labels-")), "labels");
  await writeFile(path, text);
  return readLabelsFile(path);
}

test("labels stand one per line, or in a JSON array", async () => {
  expect(await labelsIn("fish\r\nsea horse\n")).toEqual(["fish", "sea horse"]);
  expect(await labelsIn('["fish", "sea, horse"]')).toEqual(["fish", "sea, horse"]);
});

test.each([
  ["a\n\nb\n", /none empty at class 1/u],
  ["[1, 2]", /at class 0/u],
  ["[", /begins like a JSON array/u],
])("%j is refused", async (text, message) => {
  await expect(labelsIn(text)).rejects.toThrow(message);
});

test("a file that is not there is named", async () => {
  await expect(readLabelsFile("/nowhere/labels.txt")).rejects.toThrow(/\/nowhere\/labels\.txt/u);
});
