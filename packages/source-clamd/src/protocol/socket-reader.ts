/** The connection ended in the middle of something. */
export class ConnectionEndedError extends Error {
  override readonly name = "ConnectionEndedError";
}

/** What came does not follow the protocol; the connection cannot be understood any more. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

/** Takes bytes from a stream by what they mean. Holds one piece of the stream and what was left of the one before. */
export class SocketReader {
  readonly #pieces: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Buffer>) {
    this.#pieces = stream[Symbol.asyncIterator]();
  }

  /** The next byte, which stays; null at the end. */
  async peek(): Promise<number | null> {
    if (this.#rest.length === 0 && !(await this.#more())) return null;
    return this.#rest[0] ?? null;
  }

  /**
   * Bytes up to a delimiter, which is taken and left out; null when the stream ends before.
   *
   * @throws ProtocolError when there are more than `maxBytes`
   */
  async readUntil(delimiter: number, maxBytes: number): Promise<Buffer | null> {
    let from = 0;
    for (;;) {
      const at = this.#rest.indexOf(delimiter, from);
      if (at !== -1 && at <= maxBytes) {
        const found = this.#rest.subarray(0, at);
        this.#rest = this.#rest.subarray(at + 1);
        return found;
      }
      if (at !== -1 || this.#rest.length > maxBytes) {
        throw new ProtocolError(`a command longer than ${maxBytes} bytes`);
      }
      from = this.#rest.length;
      if (!(await this.#more())) return null;
    }
  }

  /** @throws ConnectionEndedError when fewer come */
  async readExactly(count: number): Promise<Buffer> {
    while (this.#rest.length < count) {
      if (!(await this.#more())) throw new ConnectionEndedError("the connection ended");
    }
    const bytes = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    return bytes;
  }

  /** At least one byte and at most `count`, as they come. @throws ConnectionEndedError when none come */
  async readSome(count: number): Promise<Buffer> {
    if (this.#rest.length === 0 && !(await this.#more())) {
      throw new ConnectionEndedError("the connection ended");
    }
    const bytes = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(bytes.length);
    return bytes;
  }

  async #more(): Promise<boolean> {
    const next = await this.#pieces.next();
    if (next.done === true) return false;
    this.#rest = this.#rest.length === 0 ? next.value : Buffer.concat([this.#rest, next.value]);
    return true;
  }
}
