/**
 * Versions of files are four decimal numbers joined by `-`, about 55 characters, and there is one in every row.
 * Two of their characters fit into a byte, so these are stored in half the room; any other version (S3) is stored as
 * it is. The first byte tells which.
 */
export function packVersion(version: string): Uint8Array {
  if (!/^[0-9-]+$/u.test(version)) return Buffer.from(`${PLAIN}${version}`, "utf8");
  // Hexadecimal digits 0 to 9 stand for themselves, d for the dash, f fills up an odd length.
  const digits = version.replaceAll("-", "d");
  return Buffer.from(`${PACKED}${digits.length % 2 === 0 ? digits : `${digits}f`}`, "hex");
}

export function unpackVersion(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer[0] === PLAIN_BYTE) return buffer.toString("utf8", 1);
  return buffer.toString("hex", 1).replaceAll("d", "-").replace("f", "");
}

/** First byte of a packed version, in hexadecimal. */
const PACKED = "01";
/** First byte of a plain version: NUL, which no text begins with. */
const PLAIN = "\0";
const PLAIN_BYTE = 0;
