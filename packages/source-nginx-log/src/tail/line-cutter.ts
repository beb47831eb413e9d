/** Whole lines, as latin1, each with its line break. */
export interface Lines {
  readonly text: string;
  /** Offset in the file of the first character; one character is one byte. */
  readonly at: number;
}

/**
 * Cuts what is read from a file into whole lines. What follows the last line break waits for its end; of a line that is too
 * long nothing is kept but where it began, so that no later start finds itself in the middle of it and takes that for a line.
 */
export class LineCutter {
  readonly #maxLineBytes: number;
  /** Begins at `#at`; without a line break. */
  #pending = Buffer.alloc(0);
  /** Where the first line begins that was not given out. */
  #at: number;
  /** Bytes since `#at` that were dropped, because the line is too long; 0: none. */
  #dropped = 0;
  #tooLong = 0;

  constructor(at: number, maxLineBytes: number) {
    this.#at = at;
    this.#maxLineBytes = maxLineBytes;
  }

  /** Where the next line begins. */
  get at(): number {
    return this.#at;
  }

  /** Lines that were too long since this was last asked. */
  takeTooLong(): number {
    const count = this.#tooLong;
    this.#tooLong = 0;
    return count;
  }

  /** Takes the bytes that follow. Returns the lines that they complete, null when there are none. */
  push(bytes: Buffer): Lines | null {
    const end = bytes.lastIndexOf(NEW_LINE) + 1;
    if (end === 0) {
      this.#keep(bytes);
      return null;
    }
    const start = this.#dropped === 0 ? 0 : bytes.indexOf(NEW_LINE) + 1;
    const at = this.#at + this.#dropped + (this.#dropped === 0 ? 0 : start);
    const text = this.#pending.toString("latin1") + bytes.toString("latin1", start, end);
    if (this.#dropped > 0) this.#tooLong += 1;
    this.#at = at + text.length;
    this.#dropped = 0;
    this.#pending = Buffer.alloc(0);
    this.#keep(bytes.subarray(end));
    return text === "" ? null : { text, at };
  }

  /** What follows the last line break, when nothing will follow it any more. */
  finish(): Lines | null {
    const { length } = this.#pending;
    if (length === 0) return null;
    const lines = { text: `${this.#pending.toString("latin1")}\n`, at: this.#at };
    this.#at += length;
    this.#pending = Buffer.alloc(0);
    return lines;
  }

  #keep(bytes: Buffer): void {
    if (this.#dropped === 0 && this.#pending.length + bytes.length <= this.#maxLineBytes) {
      this.#pending = Buffer.concat([this.#pending, bytes]);
      return;
    }
    this.#dropped += this.#pending.length + bytes.length;
    this.#pending = Buffer.alloc(0);
  }
}

const NEW_LINE = 0x0a;

/** Calls back with each line, without its line break, and its offset. */
export function forEachLine({ text, at }: Lines, visit: (line: string, at: number) => void): void {
  let start = 0;
  for (;;) {
    const end = text.indexOf("\n", start);
    if (end === -1) return;
    visit(text.slice(start, end), at + start);
    start = end + 1;
  }
}
