/**
 * True when a PNG is animated: an `acTL` chunk before the first `IDAT`. The decoder shows only the default image of
 * such a file, so a clean one could hide anything behind it. Chunks: length, type, data, CRC; APNG specification 1.0.
 */
export function isAnimatedPng(bytes: Buffer): boolean {
  let at = 8;
  while (at + 12 <= bytes.length) {
    const type = bytes.toString("latin1", at + 4, at + 8);
    if (type === "acTL") return true;
    if (type === "IDAT" || type === "IEND") return false;
    at += 12 + bytes.readUInt32BE(at);
  }
  return false;
}
