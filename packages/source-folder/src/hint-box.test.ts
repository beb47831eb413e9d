import { expect, test } from "vitest";
import { HintBox } from "./hint-box.ts";

test("a path is kept once, and taken once, oldest first", () => {
  const box = new HintBox(10);
  for (const path of ["a", "b", "a", "c"]) box.addEntry(path);
  box.addDirectory("d");
  const hints = box.take({ maxEntries: 2, maxDirectories: 0 });
  expect(hints).toEqual({ entries: ["a", "b"], directories: [] });
  expect(box.take({ maxEntries: 9, maxDirectories: 9 })).toEqual({
    entries: ["c"],
    directories: ["d"],
  });
  expect(box.isEmpty).toBe(true);
});

test("too many hints become the one statement that everything has to be listed, told once", () => {
  const box = new HintBox(3);
  for (const path of ["a", "b", "c", "d"]) box.addEntry(path);
  expect(box.take({ maxEntries: 9, maxDirectories: 9 }).entries).toEqual([]);
  expect(box.takeOverflow()).toBe(true);
  expect(box.takeOverflow()).toBe(false);
});
