import fc from "fast-check";
import { expect, test } from "vitest";
import { shareMembers } from "./share-members.ts";

const members = fc.array(
  fc.record({
    stage: fc.integer({ min: 0, max: 3 }),
    ms: fc.double({ min: 0.1, max: 1000, noNaN: true }),
  }),
  { minLength: 1, maxLength: 12 },
);

test("every member has exactly one lane, and no lane is empty", () => {
  fc.assert(
    fc.property(members, fc.integer({ min: 1, max: 8 }), (costs, lanes) => {
      const shared = shareMembers(costs, lanes);
      expect(shared.length).toBeLessThanOrEqual(lanes);
      expect(shared.every((own) => own.length > 0)).toBe(true);
      expect(shared.flat().toSorted((a, b) => a - b)).toEqual(costs.map((_, index) => index));
    }),
  );
});

test("no lane of a stage has more to do than an even part and the slowest member", () => {
  fc.assert(
    fc.property(members, fc.integer({ min: 1, max: 8 }), (costs, lanes) => {
      const shared = shareMembers(costs, lanes);
      for (const stage of new Set(costs.map((member) => member.stage))) {
        const own = costs.filter((member) => member.stage === stage).map(({ ms }) => ms);
        const even = own.reduce((sum, ms) => sum + ms, 0) / lanes;
        for (const lane of shared) {
          const busy = lane
            .map((index) => costs[index]!)
            .filter((member) => member.stage === stage)
            .reduce((sum, { ms }) => sum + ms, 0);
          expect(busy).toBeLessThanOrEqual(even + Math.max(...own) + 1e-6);
        }
      }
    }),
  );
});

test("three members on two lanes: the slow one is alone", () => {
  const costs = [10, 40, 20].map((ms) => ({ stage: 0, ms }));
  expect(shareMembers(costs, 2)).toEqual([[1], [0, 2]]);
});
