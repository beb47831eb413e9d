import { crc32, inflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { encodeBitPng } from "./encode-bit-png.ts";

test("every chunk has its CRC, and the data holds each row with its filter byte", () => {
  const chunks = readChunks(encodeBitPng({ width: 19, height: 3 }));
  expect(chunks.map(({ type }) => type)).toEqual(["IHDR", "IDAT", "IEND"]);
  expect(chunks.filter(({ isIntact }) => !isIntact)).toEqual([]);
  const rows = inflateSync(chunks[1]!.data);
  expect(rows.toString("hex")).toBe("00ffffff".repeat(3));
});

function readChunks(png: Buffer) {
  const chunks: { type: string; data: Buffer; isIntact: boolean }[] = [];
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    const typed = png.subarray(at + 4, at + 8 + length);
    const isIntact = png.readUInt32BE(at + 8 + length) === crc32(typed);
    chunks.push({ type: typed.toString("latin1", 0, 4), data: typed.subarray(4), isIntact });
    at += 12 + length;
  }
  return chunks;
}
