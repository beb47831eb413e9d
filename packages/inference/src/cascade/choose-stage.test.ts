import fc from "fast-check";
import { expect, test } from "vitest";
import { chooseStage, MAX_PASSED_OVER, type WaitingBatch } from "./choose-stage.ts";

const MAX_ROWS = 8;
const batch = fc
  .record({
    rows: fc.integer({ min: 0, max: MAX_ROWS }),
    isLive: fc.boolean(),
    passedOver: fc.nat(2 * MAX_PASSED_OVER),
  })
  .map(({ rows, isLive, passedOver }): WaitingBatch => {
    return { rows, isFull: rows === MAX_ROWS, hasLive: isLive && rows > 0, passedOver };
  });
const batches = fc.array(batch, { minLength: 1, maxLength: 4 });

test("the device never idles while rows wait, and never runs an empty batch", () => {
  fc.assert(
    fc.property(batches, fc.boolean(), (stages, isCrowded) => {
      const chosen = chooseStage(stages, { isCrowded });
      const rowsChosen = chosen === null ? 0 : stages[chosen]!.rows;
      expect(rowsChosen > 0).toBe(stages.some(({ rows }) => rows > 0));
    }),
  );
});

test("a batch with a live image goes before one without", () => {
  fc.assert(
    fc.property(batches, (stages) => {
      const chosen = chooseStage(stages, { isCrowded: false });
      const isLive = chosen !== null && stages[chosen]!.hasLive;
      expect(isLive).toBe(stages.some(({ hasLive }) => hasLive));
    }),
  );
});

test("while as many undecided images wait as may, the first stage makes no more of them", () => {
  fc.assert(
    fc.property(batches, (stages) => {
      const chosen = chooseStage(stages, { isCrowded: true });
      const isLater = chosen !== null && chosen > 0;
      expect(isLater).toBe(stages.slice(1).some(({ rows }) => rows > 0));
    }),
  );
});

const waiting = (change: Partial<WaitingBatch> = {}): WaitingBatch => {
  return { rows: 3, isFull: false, hasLive: false, passedOver: 0, ...change };
};

test.each<[string, WaitingBatch[], number]>([
  ["bulk fills a later stage's batch first", [waiting(), waiting(), waiting()], 0],
  ["a full later batch goes", [waiting({ isFull: true }), waiting({ isFull: true }), waiting()], 1],
  ["one that was passed over too often goes", [waiting(), waiting({ passedOver: 16 })], 1],
  ["the latest of those with live images goes", [1, 2, 3].map(() => waiting({ hasLive: true })), 2],
  ["nothing else is there: the latest goes", [waiting({ rows: 0 }), waiting(), waiting()], 2],
])("%s", (_, stages, chosen) => {
  expect(chooseStage(stages, { isCrowded: false })).toBe(chosen);
});
