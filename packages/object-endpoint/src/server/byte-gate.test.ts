import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteGate } from "./byte-gate.ts";

test("never more bytes inside than fit, in the order of coming, and nobody is forgotten", async () => {
  const work = fc.array(fc.integer({ min: 0, max: 150 }), { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(work, fc.infiniteStream(fc.nat()), async (sizes, choices) => {
      const gate = new ByteGate({ maxBytes: 100, maxWaiting: 40 });
      const inside: { bytes: number; place: Disposable }[] = [];
      const order: number[] = [];
      const all = sizes.map(async (bytes, i) => {
        const place = await gate.enter(bytes);
        order.push(i);
        inside.push({ bytes: Math.min(bytes, 100), place: place! });
      });
      for (let left = sizes.length; left > 0; left -= 1) {
        await new Promise(setImmediate);
        expect(inside.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(100);
        const [next] = inside.splice(choices.next().value % inside.length, 1);
        next!.place[Symbol.dispose]();
        next!.place[Symbol.dispose](); // Leaving twice makes no room.
      }
      await Promise.all(all);
      expect(order).toEqual(sizes.map((_, i) => i));
    }),
    { numRuns: 50 },
  );
});

test("when too many wait, one more is turned away", async () => {
  const gate = new ByteGate({ maxBytes: 10, maxWaiting: 1 });
  using first = (await gate.enter(10))!;
  const second = gate.enter(1);
  expect(await gate.enter(1)).toBeNull();
  first[Symbol.dispose]();
  expect(await second).not.toBeNull();
});
