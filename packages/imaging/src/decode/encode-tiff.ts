import type { RgbPixels } from "./rgb-pixels.ts";

const HEADER_BYTES = 8;
const ENTRY_BYTES = 12;

/** Field types of TIFF 6.0, section 2. */
const SHORT = 3;
const LONG = 4;
const UNDEFINED = 7;

/** A TIFF in one uncompressed strip: the one way to tell the decoder which colour profile pixels are in. */
export function encodeTiff({ data, width, height }: RgbPixels, profile: Uint8Array): Buffer {
  const fieldCount = 10;
  const bitsAt = HEADER_BYTES + 2 + fieldCount * ENTRY_BYTES + 4;
  const profileAt = bitsAt + 6;
  const pixelsAt = profileAt + profile.length + (profile.length % 2);
  const fields: readonly Field[] = [
    { tag: 256, type: LONG, count: 1, value: width },
    { tag: 257, type: LONG, count: 1, value: height },
    { tag: 258, type: SHORT, count: 3, value: bitsAt }, // bits per sample
    { tag: 259, type: SHORT, count: 1, value: 1 }, // no compression
    { tag: 262, type: SHORT, count: 1, value: 2 }, // RGB
    { tag: 273, type: LONG, count: 1, value: pixelsAt },
    { tag: 277, type: SHORT, count: 1, value: 3 }, // samples per pixel
    { tag: 278, type: LONG, count: 1, value: height }, // rows per strip
    { tag: 279, type: LONG, count: 1, value: data.length },
    { tag: 34675, type: UNDEFINED, count: profile.length, value: profileAt },
  ];
  const tiff = Buffer.alloc(pixelsAt + data.length);
  tiff.write("II*\0", 0, "latin1");
  tiff.writeUInt32LE(HEADER_BYTES, 4);
  tiff.writeUInt16LE(fieldCount, HEADER_BYTES);
  for (const [i, field] of fields.entries()) {
    writeField(tiff, HEADER_BYTES + 2 + i * ENTRY_BYTES, field);
  }
  for (let channel = 0; channel < 3; channel++) tiff.writeUInt16LE(8, bitsAt + channel * 2);
  tiff.set(profile, profileAt);
  tiff.set(data, pixelsAt);
  return tiff;
}

interface Field {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  /** Or where the values lie, if they take more than four bytes. */
  readonly value: number;
}

function writeField(tiff: Buffer, at: number, { tag, type, count, value }: Field): void {
  tiff.writeUInt16LE(tag, at);
  tiff.writeUInt16LE(type, at + 2);
  tiff.writeUInt32LE(count, at + 4);
  tiff.writeUInt32LE(value, at + 8);
}
