import fc from "fast-check";
import { expect, test } from "vitest";
import { nearestName } from "./nearest-name.ts";
import { SETTING_NAMES } from "./setting-tree.ts";

test("a slip of the keyboard finds the name that was meant", () => {
  for (const [written, meant] of [
    ["maxBatchItem", "maxBatchItems"],
    ["lable", "label"],
    ["POLICIES", "policies"],
    ["dataDri", "dataDir"],
  ] as const) {
    expect(nearestName(written, SETTING_NAMES)).toBe(meant);
  }
});

test("what is like no name finds none", () => {
  expect(nearestName("zzzzzz", SETTING_NAMES)).toBeNull();
  expect(nearestName("x", [])).toBeNull();
});

test("every name finds itself, and one dropped letter of a long one still finds a name", () => {
  const long = SETTING_NAMES.filter((name) => name.length >= 6);
  fc.assert(
    fc.property(fc.constantFrom(...long), fc.nat(), (name, at) => {
      expect(nearestName(name, SETTING_NAMES)).toBe(name);
      const i = at % name.length;
      expect(nearestName(name.slice(0, i) + name.slice(i + 1), SETTING_NAMES)).not.toBeNull();
    }),
  );
});
