import { crc32 } from "node:zlib";

/** Length, type, data, CRC of type and data; PNG specification (third edition), 5.3. */
export interface PngChunk {
  readonly type: string;
  readonly data: Buffer;
  readonly isIntact: boolean;
}

export const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Length, type and CRC. */
const FRAMING_BYTES = 12;

/**
 * True when a PNG is animated: an `acTL` chunk before the first `IDAT`. The decoder shows only the default image of
 * such a file, so a clean one could hide anything behind it.
 */
export function isAnimatedPng(bytes: Buffer): boolean {
  let at = PNG_SIGNATURE.length;
  while (at + FRAMING_BYTES <= bytes.length) {
    const type = bytes.toString("latin1", at + 4, at + 8);
    if (type === "acTL") return true;
    if (type === "IDAT" || type === "IEND") return false;
    at += FRAMING_BYTES + bytes.readUInt32BE(at);
  }
  return false;
}

/** The chunks of a PNG up to its end; the last one may be cut off, and is then left out. */
export function* readChunks(bytes: Buffer): Generator<PngChunk> {
  let at = PNG_SIGNATURE.length;
  while (at + FRAMING_BYTES <= bytes.length) {
    const end = at + FRAMING_BYTES + bytes.readUInt32BE(at);
    if (end > bytes.length) return;
    const type = bytes.toString("latin1", at + 4, at + 8);
    const isIntact = crc32(bytes.subarray(at + 4, end - 4)) === bytes.readUInt32BE(end - 4);
    yield { type, data: bytes.subarray(at + 8, end - 4), isIntact };
    if (type === "IEND") return;
    at = end;
  }
}

export function encodeChunk(type: string, data: Buffer): Buffer {
  const framed = Buffer.alloc(FRAMING_BYTES + data.length);
  framed.writeUInt32BE(data.length, 0);
  framed.write(type, 4, "latin1");
  data.copy(framed, 8);
  framed.writeUInt32BE(crc32(framed.subarray(4, -4)), framed.length - 4);
  return framed;
}
