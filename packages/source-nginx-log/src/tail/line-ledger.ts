/** Which lines of a file are not dealt with yet; they keep its checkpoint from going past them. */
export class LineLedger {
  /** Offsets of lines, in ascending order of having been read, with how much is open for each. */
  readonly #open = new Map<number, number>();
  #readUntil: number;

  constructor(at: number) {
    this.#readUntil = at;
  }

  get isEmpty(): boolean {
    return this.#open.size === 0;
  }

  /** Everything before this offset is dealt with. */
  get doneUntil(): number {
    const [first] = this.#open.keys();
    return first ?? this.#readUntil;
  }

  open(at: number): void {
    this.#open.set(at, (this.#open.get(at) ?? 0) + 1);
  }

  close(at: number): void {
    const left = (this.#open.get(at) ?? 0) - 1;
    if (left > 0) this.#open.set(at, left);
    else this.#open.delete(at);
  }

  readUntil(at: number): void {
    this.#readUntil = at;
  }
}
