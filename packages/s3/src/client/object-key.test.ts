import { objectPathSchema } from "@sluice/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { keyOfPath, pathOfKey } from "./object-key.ts";

/** Text of which keys are made that are no paths. */
const odd = fc.string({
  unit: fc.constantFrom(
    "/",
    ".",
    "..",
    "\u001A",
    "-",
    "0",
    "1",
    "\0",
    "%",
    "a",
    "ü",
    "😀",
    "+",
    " ",
  ),
  maxLength: 12,
});
const key = fc.oneof(odd, fc.string({ unit: "grapheme", maxLength: 40 }));

test("every key has a path, and the path gives the key again", () => {
  fc.assert(
    fc.property(key, (text) => {
      const path = pathOfKey("in/", `in/${text}`);
      expect(path).not.toBeNull();
      if (path === null) return;
      expect(objectPathSchema.safeParse(path).success).toBe(true);
      expect(keyOfPath("in/", path)).toBe(`in/${text}`);
    }),
  );
});

test("two keys never share a path", () => {
  fc.assert(
    fc.property(odd, odd, (one, other) => {
      expect(pathOfKey("", one) === pathOfKey("", other)).toBe(one === other);
    }),
  );
});

test.each([
  ["a//b", "a/%1A-/b"],
  ["../up", "%1A-../up"],
  ["folder/", "folder/%1A-"],
  ["", "%1A-"],
  ["50%.jpg", "50%25.jpg"],
  ["line\nbreak", "line%0Abreak"],
  ["ü b.jpg", "ü b.jpg"],
])("the key %j is told as %s", (text, path) => {
  expect(pathOfKey("", text)).toBe(path);
});

test("a key outside of the prefix is none of the root's", () => {
  expect(pathOfKey("in/", "out/a.jpg")).toBeNull();
});

test.each(["%FF.jpg", "%1A2", "%1Aa", "a%1A-"])("no key has the path %s", (text) => {
  expect(keyOfPath("", objectPathSchema.parse(text))).toBeNull();
});
