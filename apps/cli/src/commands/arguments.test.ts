import { describe, expect, test } from "vitest";
import { parseCount, parseSince } from "./arguments.ts";

const NOW = Date.UTC(2026, 10, 23, 12);

describe("--since", () => {
  test.each([
    ["90s", NOW - 90_000],
    ["15m", NOW - 900_000],
    ["2h", NOW - 7_200_000],
    ["7d", NOW - 604_800_000],
    ["2026-11-23T11:00:00Z", NOW - 3_600_000],
  ])("takes %s", (text, expected) => {
    expect(parseSince(text, NOW)).toBe(expected);
  });

  test.each(["yesterday", "2w", "", "-5m", "1", "99999999999999999999s"])("refuses %j", (text) => {
    expect(() => parseSince(text, NOW)).toThrow(/expected an age/u);
  });
});

test("a count must be whole and within its limit", () => {
  expect(parseCount(100)("100")).toBe(100);
  for (const text of ["0", "101", "1.5", "many", ""]) {
    expect(() => parseCount(100)(text)).toThrow(/from 1 to 100/u);
  }
});
