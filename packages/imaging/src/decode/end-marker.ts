import type { SniffedFormat } from "./sniff-format.ts";

/**
 * True when a file ends before its format says so: no end marker, or shorter than its header states. Bytes
 * behind the end do not matter.
 */
export function isTruncated(bytes: Buffer, format: SniffedFormat): boolean {
  switch (format) {
    case "jpeg":
      return !bytes.includes(JPEG_END, startOfJpegScan(bytes));
    case "png":
      return bytes.lastIndexOf("IEND", undefined, "latin1") === -1;
    case "gif":
      return bytes.lastIndexOf(GIF_TRAILER) < bytes.length - 16;
    case "webp":
      return bytes.length < 8 || bytes.readUInt32LE(4) + 8 > bytes.length;
    case "tiff":
    case "avif":
      return false; // offsets may point anywhere: the decoder's word is all there is
    default:
      return format satisfies never;
  }
}

const JPEG_END = Buffer.from([0xff, 0xd9]);
const JPEG_START_OF_SCAN = 0xda;
const GIF_TRAILER = 0x3b;

/**
 * Where the picture's own data begin: a thumbnail inside the metadata before them has an end marker of its own.
 * Segments: 0xFF, type, length with itself in two bytes, data; ITU-T T.81, B.1.1.4.
 */
function startOfJpegScan(bytes: Buffer): number {
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== JPEG_START_OF_SCAN) {
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return at;
}
