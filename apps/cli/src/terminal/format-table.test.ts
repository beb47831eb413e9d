import { expect, test } from "vitest";
import { formatTable } from "./format-table.ts";

const columns = [
  { title: "file", cell: (row: { file: string; score: number }) => row.file, maxWidth: 9 },
  {
    title: "score",
    alignment: "right" as const,
    cell: (row: { file: string; score: number }) => row.score.toFixed(2),
  },
];

test("columns are as wide as their widest cell, numbers stand to the right", () => {
  const table = formatTable(columns, [
    { file: "a.jpg", score: 0.5 },
    { file: "bb.jpg", score: 12.25 },
  ]);
  expect(table.split("\n")).toEqual(["file    score", "a.jpg    0.50", "bb.jpg  12.25"]);
});

test("a long name is cut in the middle, so that its extension can be seen", () => {
  const table = formatTable(columns, [{ file: "abcdefghijkl.jpg", score: 1 }]);
  expect(table).toContain("abcd….jpg");
});

test("a newline in a name does not make a second row", () => {
  expect(formatTable(columns, [{ file: "a\nb", score: 1 }]).split("\n")).toHaveLength(2);
});
