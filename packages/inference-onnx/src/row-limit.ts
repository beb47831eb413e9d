/** Rows `first` to `first + rows - 1` of a batch. */
export interface Piece {
  readonly first: number;
  readonly rows: number;
  /** Most rows that may run at once: a provider that likes certain sizes may pad up to it. */
  readonly limit: number;
}

export interface RowLimitOptions {
  /** Most rows that a batch has. */
  readonly maxRows: number;
  readonly isOutOfMemory: (error: unknown) => boolean;
}

/**
 * How many rows a session runs at a time: what its device has memory for. Starts with whole batches; whenever memory runs out the piece
 * is halved and run again, and the limit stays, so that nothing is lost and the same size is not tried twice.
 *
 * Invariants: every row is in exactly one piece that succeeded, in order; the limit is at least 1 and never grows. It does not recover by
 * itself: what an allocator once failed to give it fails to give again, until a fresh engine starts with whole batches.
 */
export class RowLimit {
  readonly #isOutOfMemory: RowLimitOptions["isOutOfMemory"];
  #rows: number;

  constructor({ maxRows, isOutOfMemory }: RowLimitOptions) {
    this.#rows = maxRows;
    this.#isOutOfMemory = isOutOfMemory;
  }

  /** Rows that may run at once. */
  get rows(): number {
    return this.#rows;
  }

  /**
   * Runs a batch in as many pieces as needed.
   *
   * @returns what each piece gave, in order
   * @throws what `runPiece` throws, unless memory ran out with more than one row
   */
  async run<T>(rows: number, runPiece: (piece: Piece) => Promise<T>): Promise<T[]> {
    const results: T[] = [];
    let first = 0;
    while (first < rows) {
      const piece = { first, rows: Math.min(this.#rows, rows - first), limit: this.#rows };
      try {
        results.push(await runPiece(piece));
        first += piece.rows;
      } catch (error) {
        if (piece.rows === 1 || !this.#isOutOfMemory(error)) throw error;
        this.#rows = Math.floor(piece.rows / 2);
      }
    }
    return results;
  }
}
