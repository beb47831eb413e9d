import fc from "fast-check";
import { expect, test } from "vitest";
import { RowLimit, type Piece } from "./row-limit.ts";

class OutOfMemory extends Error {}
const isOutOfMemory = (error: unknown): boolean => error instanceof OutOfMemory;

/** A device with memory for so many rows, which other programs may take away while it runs. */
class ScriptedDevice {
  readonly tried: number[] = [];
  capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  run = ({ first, rows }: Piece): Promise<number[]> => {
    this.tried.push(rows);
    if (rows > this.capacity) return Promise.reject(new OutOfMemory());
    return Promise.resolve(Array.from({ length: rows }, (_, i) => first + i));
  };
}

const upTo = (rows: number): number[] => Array.from({ length: rows }, (_, i) => i);

test("with memory enough a batch is one piece", async () => {
  const limit = new RowLimit({ maxRows: 32, isOutOfMemory });
  const device = new ScriptedDevice(32);
  expect(await limit.run(32, device.run)).toEqual([upTo(32)]);
  expect(await limit.run(5, device.run)).toEqual([upTo(5)]);
  expect(limit.rows).toBe(32);
});

test("out of memory: the piece is halved until it fits, no row is lost, and the limit is remembered", async () => {
  const limit = new RowLimit({ maxRows: 32, isOutOfMemory });
  const device = new ScriptedDevice(9);
  expect((await limit.run(32, device.run)).flat()).toEqual(upTo(32));
  expect(device.tried).toEqual([32, 16, 8, 8, 8, 8]);
  expect(limit.rows).toBe(8);
  device.tried.length = 0;
  expect((await limit.run(20, device.run)).flat()).toEqual(upTo(20));
  expect(device.tried).toEqual([8, 8, 4]);
});

test("memory that is taken away in mid-run halves what is left", async () => {
  const limit = new RowLimit({ maxRows: 16, isOutOfMemory });
  const device = new ScriptedDevice(8);
  const takeAway = async (piece: Piece): Promise<number[]> => {
    if (piece.first === 8) device.capacity = 2;
    return await device.run(piece);
  };
  expect((await limit.run(16, takeAway)).flat()).toEqual(upTo(16));
  expect(device.tried).toEqual([16, 8, 8, 4, 2, 2, 2, 2]);
});

test("a single row that does not fit is an error of the device", async () => {
  const limit = new RowLimit({ maxRows: 8, isOutOfMemory });
  const device = new ScriptedDevice(0);
  await expect(limit.run(8, device.run)).rejects.toThrow(OutOfMemory);
  expect(device.tried).toEqual([8, 4, 2, 1]);
});

test("any other error is not taken for a lack of memory", async () => {
  const limit = new RowLimit({ maxRows: 8, isOutOfMemory });
  await expect(limit.run(8, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  expect(limit.rows).toBe(8);
});

test("whatever memory there is, every row is run once, in order, and no piece is above the limit", async () => {
  const capacities = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(capacities, fc.integer({ min: 1, max: 64 }), async (script, maxRows) => {
      const limit = new RowLimit({ maxRows, isOutOfMemory });
      let lowest = maxRows;
      for (const [at, capacity] of script.entries()) {
        const rows = 1 + ((at * 7) % maxRows);
        const device = new ScriptedDevice(capacity);
        expect((await limit.run(rows, device.run)).flat()).toEqual(upTo(rows));
        expect(limit.rows).toBeLessThanOrEqual(lowest);
        expect(limit.rows).toBeGreaterThan(0);
        lowest = limit.rows;
      }
    }),
  );
});
