import { objectPathSchema } from "@sluice/contracts";
import { expect, test } from "vitest";
import { settleTimeOf } from "./private-name.ts";

const settle = (path: string, settleMs = 1000) =>
  settleTimeOf(objectPathSchema.parse(path), settleMs);
const TOKEN = "e01a2071f7e4d00e6877168a7";

test("a file that moderation is removing, or has not completed, waits a minute", () => {
  expect(settle(`.sluice-${TOKEN}`)).toBe(60_000);
  expect(settle(`a/b/.sluice-${TOKEN}`)).toBe(60_000);
  expect(settle(`.sluice-staging/${TOKEN}.part`)).toBe(60_000);
});

test("every other name settles as configured, hidden ones too", () => {
  for (const path of [
    "a.jpg",
    ".a.jpg",
    `.sluice-${TOKEN}.jpg`,
    `x.sluice-${TOKEN}`,
    ".sluice-kept",
  ]) {
    expect(settle(path)).toBe(1000);
  }
});

test("a source that waits longer anyway keeps its time", () => {
  expect(settle(`.sluice-${TOKEN}`, 120_000)).toBe(120_000);
});
