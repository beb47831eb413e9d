import fc from "fast-check";
import { expect, test } from "vitest";
import { DueHeap } from "./due-heap.ts";

test("items come out in order of when they are due, each once, and none early", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000)), fc.nat(1000), (dues, nowMs) => {
      const heap = new DueHeap<number>();
      for (const [index, due] of dues.entries()) heap.add(index, due);
      const taken: number[] = [];
      for (let item = heap.take(nowMs); item !== undefined; item = heap.take(nowMs))
        taken.push(item);
      const takenDues = taken.map((index) => dues[index]);
      expect(takenDues).toEqual(dues.filter((due) => due <= nowMs).sort((a, b) => a - b));
      expect(new Set(taken).size).toBe(taken.length);
      const left = dues.filter((due) => due > nowMs);
      expect(heap.size).toBe(left.length);
      expect(heap.nextDueMs).toBe(left.length === 0 ? null : Math.min(...left));
    }),
  );
});
