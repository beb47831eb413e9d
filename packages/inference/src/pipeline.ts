import type { Classification, Sha256 } from "@sluice/contracts";
import { BatchAssembler, releaseReason, type ReleaseReason, type Row } from "./batch-assembler.ts";
import { writeRow, type BatchBuffers } from "./batch-buffer.ts";
import type { Ensemble } from "./ensemble.ts";
import { ClassificationCache } from "./classification-cache.ts";
import { ContentsInFlight } from "./contents-in-flight.ts";
import { ImageInFlight } from "./image-in-flight.ts";
import { LaneQueue } from "./lane-queue.ts";
import { countViews } from "./views.ts";
import type {
  Clock,
  Device,
  EngineItem,
  EngineOutcome,
  ImageDecoder,
  ObjectReader,
} from "./ports.ts";

export interface PipelineOptions {
  readonly ensemble: Ensemble;
  readonly reader: ObjectReader;
  readonly decoder: ImageDecoder;
  readonly device: Device;
  readonly buffers: BatchBuffers;
  /** Images that are read and decoded at a time. */
  readonly decodeConcurrency: number;
  /** Classifications that are kept for contents that come again; 0: none. */
  readonly cacheEntries: number;
  readonly now: Clock;
  readonly events: PipelineEvents;
}

/** What a pipeline tells; none may throw. */
export interface PipelineEvents {
  outcome(outcome: EngineOutcome): void;
  /** An image was read and decoded, or found to be undecodable. */
  imageDecoded(event: { readonly decodeMs: number }): void;
  /** An image was not decoded, because its content has been classified before or is being classified. */
  imageRecalled(): void;
  /** The device has run a batch. */
  batchCompleted(event: {
    readonly rows: number;
    readonly reason: ReleaseReason;
    readonly inferMs: number;
  }): void;
  /** The device is lost, the decoder is stuck, or a bug: the engine must end. `suspect`: the item in whose work it happened. */
  failed(error: unknown, suspect: number | null): void;
}

/**
 * The engine's pipeline: read → decode → batch → device → fuse, all at the same time.
 *
 * Work-conserving: the device takes what is ready as soon as it is free; there is no timer, so a lone image never waits.
 * While it runs one buffer, the other one is filled: exactly one batch is prepared ahead, and decoding pauses when it is
 * full. Live goes before bulk both where images wait to be decoded and where frames wait for rows.
 * Invariants: row i of the buffer that is being filled holds the pixels of the assembler's row i; an image is decoded only while
 * a row may become free for it, so memory stays within `decodeConcurrency` images and two batches; a content that is being
 * classified is finished exactly once, with all items that wait for it.
 */
export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #queue = new LaneQueue<EngineItem>();
  readonly #assembler: BatchAssembler<ImageInFlight>;
  readonly #cache: ClassificationCache;
  readonly #contents = new ContentsInFlight();
  #filling: 0 | 1 = 0;
  #isDeviceBusy = false;
  #decoding = 0;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#assembler = new BatchAssembler({ maxRows: options.buffers.rows });
    this.#cache = new ClassificationCache(options.cacheEntries);
  }

  submit(item: EngineItem): void {
    this.#queue.push(item.lane, item);
    this.#decodeMore();
  }

  #decodeMore(): void {
    while (this.#mayDecode()) {
      const item = this.#queue.take();
      if (item === undefined) return;
      this.#decoding += 1;
      this.#prepare(item).catch((error: unknown) => this.#options.events.failed(error, item.id));
    }
  }

  #mayDecode(): boolean {
    const { decodeConcurrency, buffers, ensemble } = this.#options;
    const rowsToCome = this.#decoding * countViews(ensemble.views);
    return (
      this.#decoding < decodeConcurrency &&
      !this.#assembler.hasOverflow &&
      this.#assembler.filledRows + rowsToCome < buffers.rows
    );
  }

  /** When it fails its place in `decoding` stays taken: nothing may go on as if nothing had happened. */
  async #prepare(item: EngineItem): Promise<void> {
    const { now, events } = this.#options;
    const startedAt = now();
    const result = await this.#decode(item);
    this.#decoding -= 1;
    if (result === "recalled") {
      events.imageRecalled();
      this.#decodeMore();
      return;
    }
    events.imageDecoded({ decodeMs: now() - startedAt });
    if (result instanceof ImageInFlight) {
      this.#assembler.add(item.lane, result, result.rows);
      this.#place();
      if (!this.#isDeviceBusy) this.#release({ wasIdle: true });
    } else {
      this.#conclude(item.id, result);
    }
    this.#decodeMore();
  }

  async #decode(item: EngineItem): Promise<ImageInFlight | Classification | "recalled"> {
    const { reader, decoder } = this.#options;
    const read = await reader.read(item.root, item.object);
    if (read.kind !== "bytes") return read;
    const { bytes, sha256 } = read;
    if (this.#recall(item, sha256)) return "recalled";
    const image = await decoder.decode(bytes);
    if (image.kind !== "decoded") return { ...image, sha256 };
    const { views } = this.#options.ensemble;
    return new ImageInFlight({ id: item.id, image, sha256, sizeBytes: bytes.length, views });
  }

  /** Whether the content needs no work of its own: its outcome is there, or comes with that of another item. */
  #recall(item: EngineItem, sha256: Sha256): boolean {
    const known = this.#cache.find(sha256);
    if (known === null) return this.#contents.join(sha256, item);
    this.#options.events.outcome({ id: item.id, classification: known });
    return true;
  }

  /** Everybody who has the same content gets the same outcome. */
  #conclude(id: number, classification: Classification): void {
    const { events } = this.#options;
    events.outcome({ id, classification });
    if (!("sha256" in classification) || classification.sha256 === undefined) return;
    if (classification.kind === "classified") this.#cache.remember(classification);
    for (const follower of this.#contents.finish(classification.sha256)) {
      events.outcome({ id: follower, classification });
    }
  }

  /** Copies waiting frames into the free rows of the buffer that is being filled. */
  #place(): void {
    const first = this.#assembler.filledRows;
    for (const [i, { image, row }] of this.#assembler.place().entries()) {
      const place = { buffer: this.#filling, row: first + i };
      writeRow(this.#options.buffers, place, image.pixelsOf(row));
    }
  }

  /** Gives the filled buffer to the device and turns to the other one. */
  #release({ wasIdle }: { wasIdle: boolean }): void {
    const hasMoreImages = this.#decoding > 0 || this.#queue.size > 0 || this.#assembler.hasOverflow;
    const reason = releaseReason({ isFull: this.#assembler.isFull, wasIdle, hasMoreImages });
    const rows = this.#assembler.take();
    const buffer = this.#filling;
    this.#filling = buffer === 0 ? 1 : 0;
    this.#isDeviceBusy = true;
    this.#run(rows, { buffer, reason }).catch((error: unknown) =>
      this.#options.events.failed(error, null),
    );
    this.#place();
  }

  async #run(
    rows: readonly Row<ImageInFlight>[],
    { buffer, reason }: { buffer: 0 | 1; reason: ReleaseReason },
  ): Promise<void> {
    const { device, now, events } = this.#options;
    const startedAt = now();
    const members = await device.run(rows.length, buffer);
    this.#isDeviceBusy = false;
    events.batchCompleted({ rows: rows.length, reason, inferMs: now() - startedAt });
    // The device goes on before anybody looks at what it gave.
    if (this.#assembler.filledRows > 0) this.#release({ wasIdle: false });
    this.#distribute(rows, members);
    this.#decodeMore();
  }

  #distribute(rows: readonly Row<ImageInFlight>[], members: readonly Float32Array[]): void {
    const { ensemble } = this.#options;
    const embeddings = members[ensemble.members.length];
    const dimensions = (embeddings?.length ?? 0) / rows.length;
    for (const [i, { image, row }] of rows.entries()) {
      const scores = ensemble.members.map(({ set }, m) => {
        const classes = ensemble.sets[set]?.labels.length ?? 0;
        return (members[m] ?? new Float32Array()).subarray(i * classes, (i + 1) * classes);
      });
      const embedding = embeddings?.subarray(i * dimensions, (i + 1) * dimensions);
      if (!image.addScores(row, scores, embedding)) continue;
      this.#conclude(image.id, image.conclude(ensemble));
    }
  }
}
