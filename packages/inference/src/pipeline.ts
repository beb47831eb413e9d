import type { Classification, Sha256 } from "@sluice/contracts";
import { writeRow, type BatchBuffers } from "./batch-buffer.ts";
import { fuseRows, type Ensemble } from "./ensemble.ts";
import type {
  DecodedImage,
  Device,
  EngineItem,
  EngineOutcome,
  ImageDecoder,
  ObjectReader,
} from "./ports.ts";

/** Why a batch was released to the device. */
export type ReleaseReason = "idle" | "full" | "ready";

export interface PipelineOptions {
  readonly ensemble: Ensemble;
  readonly reader: ObjectReader;
  readonly decoder: ImageDecoder;
  readonly device: Device;
  readonly buffers: BatchBuffers;
  /** Images that are read and decoded at a time. */
  readonly decodeConcurrency: number;
  readonly onOutcome: (outcome: EngineOutcome) => void;
  readonly onBatch: (batch: { rows: number; reason: ReleaseReason }) => void;
  /** The device is lost, or a bug: the engine must end, its items run again elsewhere. */
  readonly onFailure: (error: unknown) => void;
}

/** An image whose pixels wait for rows, or whose rows are on the device. */
interface Pending {
  readonly id: number;
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  readonly image: DecodedImage;
  /** Next frame that needs a row. */
  nextFrame: number;
  /** Per frame, per member; filled as batches return. */
  readonly scores: (readonly Float32Array[])[];
  missing: number;
}

/** What a row of a batch belongs to. */
interface Row {
  readonly image: Pending;
  readonly frame: number;
}

/**
 * The engine's pipeline: read → decode → batch → device → fuse, all at the same time.
 *
 * Work-conserving: the device takes what is ready as soon as it is free; there is no timer, so a lone image never waits.
 * While it runs one buffer, the other one is filled: exactly one batch is prepared ahead, and decoding pauses when it is
 * full. An animation takes one row per frame and may be spread over several batches.
 * Invariants: rows 0…filled-1 of the filling buffer belong to `#rows`; an image is decoded only while a row may become free
 * for it, so memory stays within `decodeConcurrency` images and two batches.
 */
export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #queue: EngineItem[] = [];
  /** Decoded images with frames that found no free row yet, oldest first. */
  readonly #overflow: Pending[] = [];
  #rows: Row[] = [];
  #filling: 0 | 1 = 0;
  #isDeviceBusy = false;
  #decoding = 0;

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  submit(item: EngineItem): void {
    this.#queue.push(item);
    this.#pump();
  }

  #pump(): void {
    this.#place();
    if (!this.#isDeviceBusy && this.#rows.length > 0) this.#release("idle");
    const { decodeConcurrency, buffers } = this.#options;
    while (
      this.#decoding < decodeConcurrency &&
      this.#overflow.length === 0 &&
      this.#rows.length + this.#decoding < buffers.rows
    ) {
      const item = this.#queue.shift();
      if (item === undefined) return;
      this.#decoding += 1;
      this.#prepare(item)
        .catch(this.#options.onFailure)
        .finally(() => {
          this.#decoding -= 1;
          this.#pump();
        });
    }
  }

  async #prepare(item: EngineItem): Promise<void> {
    const { reader, decoder } = this.#options;
    const read = await reader.read(item.root, item.object);
    if (read.kind !== "bytes") return this.#finish(item.id, read);
    const image = await decoder.decode(read.bytes);
    if (image.kind !== "decoded") {
      return this.#finish(item.id, { ...image, sha256: read.sha256 });
    }
    this.#overflow.push({
      id: item.id,
      sha256: read.sha256,
      sizeBytes: read.bytes.length,
      image,
      nextFrame: 0,
      scores: [],
      missing: image.frames.length,
    });
  }

  /** Moves waiting frames into free rows of the filling buffer. */
  #place(): void {
    const { buffers } = this.#options;
    for (let image = this.#overflow[0]; image !== undefined; image = this.#overflow[0]) {
      while (image.nextFrame < image.image.frames.length) {
        if (this.#rows.length === buffers.rows) return;
        const frame = image.nextFrame++;
        const pixels = image.image.frames[frame] ?? [];
        writeRow(buffers, { buffer: this.#filling, row: this.#rows.length }, pixels);
        this.#rows.push({ image, frame });
      }
      this.#overflow.shift();
    }
  }

  /** Gives the filled buffer to the device and turns to the other one. */
  #release(reason: ReleaseReason): void {
    const rows = this.#rows;
    const buffer = this.#filling;
    this.#rows = [];
    this.#filling = buffer === 0 ? 1 : 0;
    this.#isDeviceBusy = true;
    const isFull = rows.length === this.#options.buffers.rows;
    this.#options.onBatch({ rows: rows.length, reason: isFull ? "full" : reason });
    this.#runBatch(rows, buffer).catch(this.#options.onFailure);
  }

  async #runBatch(rows: readonly Row[], buffer: 0 | 1): Promise<void> {
    const members = await this.#options.device.run(rows.length, buffer);
    this.#isDeviceBusy = false;
    this.#place();
    if (this.#rows.length > 0) this.#release("ready");
    this.#distribute(rows, members);
    this.#pump();
  }

  #distribute(rows: readonly Row[], members: readonly Float32Array[]): void {
    const classes = this.#options.ensemble.labels.length;
    for (const [row, { image, frame }] of rows.entries()) {
      image.scores[frame] = members.map((scores) =>
        scores.subarray(row * classes, (row + 1) * classes),
      );
      image.missing -= 1;
      if (image.missing === 0) this.#finish(image.id, this.#conclude(image));
    }
  }

  #conclude({ image, sha256, sizeBytes, scores }: Pending): Classification {
    const fused = fuseRows(this.#options.ensemble, scores);
    if (fused === null) {
      const detail = "a member gave numbers that are no probabilities (NaN or out of range)";
      return { kind: "unscannable", reason: "model-failure", detail, sha256 };
    }
    return {
      kind: "classified",
      sha256,
      sizeBytes,
      format: image.format,
      width: image.width,
      height: image.height,
      frames: image.frames.length,
      isDamaged: image.isDamaged,
      scores: fused.fused,
      members: fused.members,
    };
  }

  #finish(id: number, classification: Classification): void {
    this.#options.onOutcome({ id, classification });
  }
}
