import { encodeObjectPath } from "@sluice/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { LineLedger } from "../tail/line-ledger.ts";
import { PendingNames } from "./pending-names.ts";

const path = (index: number) => encodeObjectPath(Buffer.from(`${index}.jpg`));

test("what is not there is looked for with growing pauses until its time is over, then its line is done", () => {
  const pending = new PendingNames({ maxOpenLines: 10, waitForFileMs: 2000 });
  const ledger = new LineLedger(0);
  ledger.readUntil(9);
  pending.add(path(1), { ledger, at: 0, isCertain: true, nowMs: 0 });
  const looks: number[] = [];
  let result = null;
  for (let nowMs = 0; result === null; nowMs = pending.nextDueMs ?? 0) {
    looks.push(nowMs);
    expect(pending.take(nowMs, 10)).toEqual([path(1)]);
    result = pending.missing(path(1), nowMs);
    expect(ledger.doneUntil).toBe(result === null ? 0 : 9);
  }
  expect(looks).toEqual([0, 250, 750, 1750, 2000]);
  expect(result).toBe("missing");
});

test("that nothing is there is no surprise where the line was not certain", () => {
  const pending = new PendingNames({ maxOpenLines: 10, waitForFileMs: 0 });
  pending.add(path(1), { ledger: new LineLedger(0), at: 0, isCertain: false, nowMs: 0 });
  expect(pending.missing(path(1), 0)).toBe("maybe-missing");
});

test("however names are taken, renamed and done, no line stays open behind and no room is lost", () => {
  const step = fc.tuple(
    fc.constantFrom("add", "done", "rename", "again"),
    fc.integer({ min: 0, max: 4 }),
    fc.integer({ min: 0, max: 4 }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const pending = new PendingNames({ maxOpenLines: 1000, waitForFileMs: 0 });
      const ledger = new LineLedger(0);
      for (const [index, [what, one, other]] of steps.entries()) {
        ledger.readUntil(index + 1);
        if (what === "add")
          pending.add(path(one), { ledger, at: index, isCertain: true, nowMs: 0 });
        if (what === "done") pending.done(path(one));
        if (what === "rename") pending.rename(path(one), path(other));
        if (what === "again") pending.lookAgain(path(one), index);
      }
      for (let index = 0; index <= 4; index++) pending.done(path(index));
      expect([pending.size, ledger.isEmpty, ledger.doneUntil]).toEqual([0, true, steps.length]);
      const full = new PendingNames({ maxOpenLines: 1, waitForFileMs: 0 });
      full.add(path(0), { ledger, at: 0, isCertain: true, nowMs: 0 });
      expect(full.hasRoom).toBe(false);
      full.done(path(0));
      expect(full.hasRoom).toBe(true);
    }),
  );
});
