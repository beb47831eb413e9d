import { encodePng } from "../pictures/encode-png.ts";

/**
 * A white PNG with one bit per pixel: enormous when decoded, tiny as a file, and made in a fraction of a second.
 * That is how a decompression bomb is made.
 */
export function encodeBitPng({ width, height }: { width: number; height: number }): Buffer {
  const row = Buffer.alloc(1 + Math.ceil(width / 8), 0xff);
  row[0] = 0;
  return encodePng({ width, height, kind: "bits", rows: Buffer.alloc(row.length * height, row) });
}
