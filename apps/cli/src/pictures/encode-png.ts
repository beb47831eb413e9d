import { crc32, deflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

export interface PngPixels {
  readonly width: number;
  readonly height: number;
  /** Greyscale of one bit per pixel, or RGB of three bytes. */
  readonly kind: "bits" | "rgb";
  /** Each row begins with a byte for its filter (0: none). */
  readonly rows: Uint8Array;
}

/**
 * A PNG, written by hand: the library that decodes strangers' pictures is hardened for that in the whole process and draws no more.
 * Layout: PNG specification, third edition, 5.2 to 5.6 and 11.2.
 */
export function encodePng({ width, height, kind, rows }: PngPixels): Buffer {
  const header = Buffer.alloc(13); // compression, filter and interlace are 0
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = kind === "bits" ? 1 : 8;
  header[9] = kind === "bits" ? 0 : 2;
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** Length, type, data, and the CRC of type and data. */
function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(typed), 4);
  return Buffer.concat([frame.subarray(0, 4), typed, frame.subarray(4)]);
}
