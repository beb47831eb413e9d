import type { SocketReader } from "./socket-reader.ts";
import { readInstream } from "./read-instream.ts";

/**
 * The bytes of one `INSTREAM`, for somebody who may stop reading in the middle: the rest is still on the connection then, and must be
 * taken before the next command can be read.
 */
export class InstreamBody implements AsyncIterable<Buffer> {
  readonly #pieces: AsyncGenerator<Buffer, void>;
  readonly #whole = Promise.withResolvers<void>();

  constructor(reader: SocketReader, maxBytes: number) {
    this.#pieces = readInstream(reader, maxBytes);
  }

  /** Resolves when the last byte has been read. */
  get wasRead(): Promise<void> {
    return this.#whole.promise;
  }

  /** Without `return`: who stops reading does not end the stream. */
  [Symbol.asyncIterator](): AsyncIterator<Buffer> {
    return { next: async () => await this.#next() };
  }

  /** Reads what nobody wanted. */
  async discardRest(): Promise<void> {
    while ((await this.#next()).done !== true);
  }

  async #next(): Promise<IteratorResult<Buffer>> {
    const next = await this.#pieces.next();
    if (next.done === true) {
      this.#whole.resolve();
      return { done: true, value: undefined };
    }
    return next;
  }
}
