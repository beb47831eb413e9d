import fc from "fast-check";
import { expect, test } from "vitest";
import { forEachLine, LineCutter } from "./line-cutter.ts";
import { LineLedger } from "./line-ledger.ts";

const content = fc
  .array(fc.constantFrom("\n", "a", "bb", "\u00FF", "x".repeat(9), "y".repeat(30)), {
    maxLength: 60,
  })
  .map((parts) => parts.join(""));

/** Lines with their offsets, by the plainest way to find them. */
function expectedLines(text: string, maxBytes: number): [number, string][] {
  const lines: [number, string][] = [];
  let at = 0;
  for (const line of text.split("\n").slice(0, -1)) {
    lines.push([at, line]);
    at += line.length + 1;
  }
  return lines.filter(([, line]) => line.length <= maxBytes);
}

test("however the bytes come, every whole line comes out once, at its own offset", () => {
  fc.assert(
    fc.property(content, fc.array(fc.integer({ min: 1, max: 25 })), (text, sizes) => {
      const bytes = Buffer.from(text, "latin1");
      const cutter = new LineCutter(0, 20);
      const found: [number, string][] = [];
      let end = 0;
      let tooLong = 0;
      for (let turn = 0; end < bytes.length; turn++) {
        const start = end;
        end = Math.min(bytes.length, start + (sizes[turn % sizes.length] ?? 7));
        const lines = cutter.push(bytes.subarray(start, end));
        if (lines !== null) forEachLine(lines, (line, at) => found.push([at, line]));
        tooLong += cutter.takeTooLong();
        expect(cutter.at === 0 || text[cutter.at - 1] === "\n").toBe(true);
      }
      const short = found.filter(([, line]) => line.length <= 20);
      expect(short).toEqual(expectedLines(text, 20));
      const all = text.split("\n").slice(0, -1).length;
      expect(tooLong + found.length).toBe(all);
    }),
  );
});

test("what follows the last line break is a line when nothing can follow", () => {
  const cutter = new LineCutter(100, 50);
  expect(cutter.push(Buffer.from("one\ntwo"))).toEqual({ text: "one\n", at: 100 });
  expect(cutter.finish()).toEqual({ text: "two\n", at: 104 });
  expect(cutter.finish()).toBeNull();
});

test("a checkpoint never passes a line that is open, and passes all that are not", () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }),
      fc.nat(),
      (closes, seed) => {
        const ledger = new LineLedger(0);
        for (const index of closes.keys()) ledger.open(index * 10);
        ledger.readUntil(closes.length * 10);
        const order = closes.map((_, index) => (index * 7 + seed) % closes.length);
        const closed = new Set(order.filter((index) => closes[index]));
        for (const index of closed) ledger.close(index * 10);
        const firstOpen = closes.findIndex((_, index) => !closed.has(index));
        expect(ledger.doneUntil).toBe(10 * (firstOpen === -1 ? closes.length : firstOpen));
      },
    ),
  );
});
