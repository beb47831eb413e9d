import type { Lane } from "@sluice/contracts";
import { BatchAssembler, type Row } from "./batch-assembler.ts";
import { writeRow, type BatchBuffers } from "./batch-buffer.ts";
import { chooseStage } from "./cascade/choose-stage.ts";

/** What rows are made of. */
export interface RowSource {
  readonly lane: Lane;
  /** How many of a batch's rows it takes, at least 1. */
  readonly rows: number;
  /** @returns per spec */
  pixelsOf(row: number): readonly Uint8Array[];
}

/** A batch that goes to the device. */
export interface StageBatch<T> {
  readonly stage: number;
  readonly rows: readonly Row<T>[];
  readonly buffer: number;
  readonly isFull: boolean;
}

/**
 * The batches that are being filled, one per stage, and the pixels of their rows.
 *
 * Invariant: row i of the buffer that a stage fills holds the pixels of row i of its assembler.
 */
export class StageBatches<T extends RowSource> {
  readonly #buffers: BatchBuffers;
  readonly #stages: readonly Filling<T>[];

  constructor({ buffers, stages }: { buffers: BatchBuffers; stages: number }) {
    this.#buffers = buffers;
    this.#stages = Array.from({ length: stages }, (_, stage) => ({
      assembler: new BatchAssembler<T>({ maxRows: buffers.rows }),
      buffer: 2 * stage,
      passedOver: 0,
    }));
  }

  /** Whether rows wait for a batch, or in one. */
  get hasRows(): boolean {
    return this.#stages.some(({ assembler }) => assembler.filledRows > 0);
  }

  /** Rows of the first stage's batch that are not spoken for; 0 also while rows wait for the next one. */
  get freeRows(): number {
    const [first] = this.#stages;
    if (first === undefined || first.assembler.hasOverflow) return 0;
    return first.assembler.maxRows - first.assembler.filledRows;
  }

  add(stage: number, image: T): void {
    const filling = this.#at(stage);
    filling.assembler.add(image.lane, image, image.rows);
    this.#place(filling);
  }

  /** Takes the batch that the device runs next, and turns to the other buffer of its stage; null when there are no rows. */
  take({ isCrowded }: { isCrowded: boolean }): StageBatch<T> | null {
    const stage = chooseStage(
      this.#stages.map(({ assembler: { filledRows: rows, isFull, hasLive }, passedOver }) => {
        return { rows, isFull, hasLive, passedOver };
      }),
      { isCrowded },
    );
    if (stage === null) return null;
    for (const other of this.#stages) {
      other.passedOver = other.assembler.filledRows > 0 ? other.passedOver + 1 : 0;
    }
    const filling = this.#at(stage);
    const { assembler, buffer } = filling;
    const { isFull } = assembler;
    const rows = assembler.take();
    filling.passedOver = 0;
    filling.buffer = buffer % 2 === 0 ? buffer + 1 : buffer - 1;
    return { stage, rows, buffer, isFull };
  }

  /** Rows that found no place go into the buffer that was turned to; call it when the device is under way. */
  refill(stage: number): void {
    this.#place(this.#at(stage));
  }

  #at(stage: number): Filling<T> {
    const filling = this.#stages[stage];
    if (filling === undefined) throw new RangeError(`there is no stage ${stage}`);
    return filling;
  }

  /** Copies waiting frames into the free rows. */
  #place({ assembler, buffer }: Filling<T>): void {
    const first = assembler.filledRows;
    for (const [i, { image, row }] of assembler.place().entries()) {
      writeRow(this.#buffers, { buffer, row: first + i }, image.pixelsOf(row));
    }
  }
}

interface Filling<T> {
  readonly assembler: BatchAssembler<T>;
  /** That is being filled. */
  buffer: number;
  /** Batches of other stages that ran while it had rows. */
  passedOver: number;
}
