import fc from "fast-check";
import { expect, test } from "vitest";
import { objectRefSchema, rootNameSchema, sha256Schema, type Lane } from "@sluice/contracts";
import type { EngineItem, ReadResult } from "./ports.ts";
import { ReadAhead } from "./read-ahead.ts";

const root = rootNameSchema.parse("uploads");
const sha256 = sha256Schema.parse("a".repeat(64));

function item(id: number, lane: Lane): EngineItem {
  const object = objectRefSchema.parse({ path: String(id), version: "1", sizeBytes: 1 });
  return { id, lane, root, object };
}

/** Reads that end when the test says so. */
function setUp(readConcurrency: number) {
  const open = new Map<number, PromiseWithResolvers<ReadResult>>();
  const failures: [unknown, number][] = [];
  let readable = 0;
  const reads = new ReadAhead({
    reader: {
      read: async (_, { path }) => {
        const read = Promise.withResolvers<ReadResult>();
        open.set(Number(path), read);
        return await read.promise;
      },
    },
    readConcurrency,
    now: () => 0,
    onRead: () => void (readable += 1),
    onFailed: (error, id) => failures.push([error, id]),
  });
  const end = async (id: number): Promise<void> => {
    open.get(id)!.resolve({ kind: "bytes", bytes: Buffer.alloc(1), sha256 });
    open.delete(id);
    for (let i = 0; i < 5; i++) await Promise.resolve();
  };
  return { reads, open, failures, end, countReadable: () => readable };
}

test("what is read first is taken first, however long the others take", async () => {
  const { reads, end, countReadable } = setUp(3);
  for (const id of [1, 2, 3]) reads.submit(item(id, "bulk"));
  expect(reads.take()).toBeUndefined();
  await end(2);
  expect(countReadable()).toBe(1);
  expect(reads.take()?.item.id).toBe(2);
  expect(reads.take()).toBeUndefined();
});

test("a live object is read at once while bulk ones hold all of their places, and taken before them", async () => {
  const { reads, open, end } = setUp(2);
  for (const id of [1, 2, 3]) reads.submit(item(id, "bulk"));
  expect([...open.keys()]).toEqual([1, 2]);
  reads.submit(item(4, "live"));
  expect([...open.keys()]).toEqual([1, 2, 4]);
  await end(1);
  await end(4);
  expect(reads.take()?.item.id).toBe(4);
  expect(reads.take()?.item.id).toBe(1);
});

test("a reader that fails accuses the object that it was reading", async () => {
  const { reads, open, failures } = setUp(2);
  reads.submit(item(1, "live"));
  reads.submit(item(2, "live"));
  const bug = new Error("a bug");
  open.get(2)!.reject(bug);
  for (let i = 0; i < 5; i++) await Promise.resolve();
  expect(failures).toEqual([[bug, 2]]);
});

const step = fc.oneof(
  fc.record({ kind: fc.constant("submit" as const), lane: fc.constantFrom<Lane>("live", "bulk") }),
  fc.record({ kind: fc.constant("end" as const), which: fc.nat() }),
  fc.record({ kind: fc.constant("take" as const) }),
);

test("every object is read and taken once, and none is read for whom there is no place", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(step, { maxLength: 60 }),
      async (most, steps) => {
        const { reads, open, end } = setUp(most);
        const lanes: Lane[] = [];
        const untaken = new Set<number>();
        const taken: number[] = [];
        const take = (): boolean => {
          const read = reads.take();
          if (read === undefined) return false;
          taken.push(read.item.id);
          untaken.delete(read.item.id);
          return true;
        };
        for (const next of steps) {
          if (next.kind === "submit") {
            untaken.add(lanes.push(next.lane) - 1);
            reads.submit(item(lanes.length - 1, next.lane));
          } else if (next.kind === "end") {
            const ids = [...open.keys()];
            if (ids.length > 0) await end(ids[next.which % ids.length]!);
          } else take();
          const reading = [...open.keys()].map((id) => lanes[id]!);
          expect(reading.filter((lane) => lane === "live").length).toBeLessThanOrEqual(most);
          expect(reading.filter((lane) => lane === "bulk").length).toBeLessThanOrEqual(most);
          expect(reads.size).toBe(untaken.size);
        }
        while (reads.size > 0) {
          for (const id of open.keys()) await end(id);
          while (take()) continue;
        }
        expect(taken.toSorted((a, b) => a - b)).toEqual(lanes.map((_, id) => id));
      },
    ),
  );
});
