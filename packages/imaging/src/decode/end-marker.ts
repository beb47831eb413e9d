import type { SniffedFormat } from "./sniff-format.ts";

/**
 * True when a file ends before its format says so: no end marker, or shorter than its header states. Bytes
 * behind the end do not matter.
 */
export function isTruncated(bytes: Buffer, format: SniffedFormat): boolean {
  switch (format) {
    case "jpeg":
      return bytes.lastIndexOf(Buffer.from([0xff, 0xd9])) === -1;
    case "png":
      return bytes.lastIndexOf("IEND", undefined, "latin1") === -1;
    case "gif":
      return bytes.lastIndexOf(0x3b) < bytes.length - 16;
    case "webp":
      return bytes.length < 8 || bytes.readUInt32LE(4) + 8 > bytes.length;
    case "tiff":
    case "avif":
      return false; // offsets may point anywhere: the decoder's word is all there is
    default:
      return format satisfies never;
  }
}
