import { objectVersionSchema } from "@sluice/contracts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judgeSettled, type Look } from "./settle-rule.ts";

const settleMs = 1000;
const look = (version: string, changedAtMs: number, lookedAtMs: number): Look => ({
  version: objectVersionSchema.parse(version),
  changedAtMs,
  lookedAtMs,
});

describe("an object has settled", () => {
  test("at the first look when its last change is long enough ago", () => {
    const verdict = judgeSettled({ look: look("a", 9000, 10_000), previous: null, settleMs });
    expect(verdict).toEqual({ kind: "settled" });
  });

  test("not while it is younger; it is looked at again when it is old enough", () => {
    const verdict = judgeSettled({ look: look("a", 9500, 10_000), previous: null, settleMs });
    expect(verdict).toEqual({ kind: "young", lookAgainAtMs: 10_500 });
  });

  test("at the second look when it has not changed", () => {
    const previous = look("a", 9500, 10_000);
    const verdict = judgeSettled({ look: look("a", 9500, 10_500), previous, settleMs });
    expect(verdict).toEqual({ kind: "settled" });
  });

  test("not when it changed between two looks, however old its times say it is", () => {
    const previous = look("a", 9500, 10_000);
    const verdict = judgeSettled({ look: look("b", 1, 10_500), previous, settleMs });
    expect(verdict).toEqual({ kind: "young", lookAgainAtMs: 11_500 });
  });

  test("after the settle time even if its times lie in the future", () => {
    const future = 4_000_000_000_000;
    const first = look("a", future, 10_000);
    expect(judgeSettled({ look: first, previous: null, settleMs })).toEqual({
      kind: "young",
      lookAgainAtMs: 11_000,
    });
    const second = look("a", future, 11_000);
    expect(judgeSettled({ look: second, previous: first, settleMs })).toEqual({ kind: "settled" });
  });
});

test("looking again at the given time settles an unchanged object, and no earlier look does", () => {
  const times = {
    changedAtMs: fc.nat(100_000),
    lookedAtMs: fc.nat(100_000),
    settleMs: fc.nat(60_000),
  };
  fc.assert(
    fc.property(fc.record(times), ({ changedAtMs, lookedAtMs, settleMs: wait }) => {
      const previous = look("a", changedAtMs, lookedAtMs);
      const verdict = judgeSettled({ look: previous, previous: null, settleMs: wait });
      if (verdict.kind === "settled") return;
      const at = (nowMs: number) =>
        judgeSettled({ look: look("a", changedAtMs, nowMs), previous, settleMs: wait }).kind;
      expect(at(verdict.lookAgainAtMs)).toBe("settled");
      expect(at(verdict.lookAgainAtMs - 1)).toBe("young");
      expect(verdict.lookAgainAtMs - lookedAtMs).toBeLessThanOrEqual(wait);
    }),
  );
});
