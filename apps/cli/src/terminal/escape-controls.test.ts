import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeControls } from "./escape-controls.ts";

test("a name cannot clear the screen, begin a new line or reorder what is printed", () => {
  expect(escapeControls("a\u001B[2Jb\nc\u202Egpj.exe")).toBe("a\\u{1b}[2Jb\\u{a}c\\u{202e}gpj.exe");
});

test("ordinary names of any script stand as they are", () => {
  expect(escapeControls("фото/кот 1 – 猫.jpg")).toBe("фото/кот 1 – 猫.jpg");
});

test("no text leaves a control character behind", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(escapeControls(text)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
    }),
  );
});
