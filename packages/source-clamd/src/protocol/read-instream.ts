import type { SocketReader } from "./socket-reader.ts";

/** More bytes than a stream may have. */
export class StreamTooLargeError extends Error {
  override readonly name = "StreamTooLargeError";
}

/**
 * The bytes of `INSTREAM`: pieces with their length before them (32 bits, big-endian), ended by one of length 0.
 *
 * @throws StreamTooLargeError as soon as the pieces announced exceed `maxBytes`, ConnectionEndedError when it breaks off
 */
export async function* readInstream(
  reader: SocketReader,
  maxBytes: number,
): AsyncGenerator<Buffer, void> {
  let total = 0;
  for (;;) {
    let left = (await reader.readExactly(4)).readUInt32BE(0);
    if (left === 0) return;
    total += left;
    if (total > maxBytes) throw new StreamTooLargeError(`more than ${maxBytes} bytes`);
    while (left > 0) {
      const bytes = await reader.readSome(left);
      left -= bytes.length;
      yield bytes;
    }
  }
}
