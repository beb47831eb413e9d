import { IMAGENET_LABELS } from "@sluice/models";
import { expect, test } from "vitest";
import { chooseLabels } from "./choose-labels.ts";

const nothing = { given: null, classes: null, trained: null };

test("labels that are given are taken", () => {
  const given = ["cat", "dog"];
  expect(chooseLabels({ given, classes: 2, trained: 2 })).toEqual({
    labels: given,
    origin: "given",
  });
  // Weights whose names are not known do not tell; that they do not fit is said later, with what differs.
  expect(chooseLabels({ ...nothing, given }).labels).toEqual(given);
});

test("a thousand classes are ImageNet's", () => {
  expect(chooseLabels({ ...nothing, trained: 1000 })).toEqual({
    labels: IMAGENET_LABELS,
    origin: "imagenet",
  });
});

test("any other number of classes is numbered", () => {
  expect(chooseLabels({ ...nothing, classes: 2 })).toEqual({
    labels: ["class 0", "class 1"],
    origin: "numbered",
  });
});

test.each([
  [{ given: ["cat"], classes: 2, trained: null }, /labels file has 1, --classes says 2/u],
  [{ given: ["cat"], classes: null, trained: 3 }, /labels file has 1, the weights were trained/u],
  [{ given: null, classes: 2, trained: 3 }, /--classes says 2, the weights were trained for 3/u],
  [nothing, /add --labels or --classes/u],
])("numbers of classes that differ are refused: %j", (sources, message) => {
  expect(() => chooseLabels(sources)).toThrow(message);
});
