import type { Classification, Sha256 } from "@sluice/contracts";
import { releaseReason, type ReleaseReason } from "./batch-assembler.ts";
import type { BatchBuffers } from "./batch-buffer.ts";
import { planStages, type StagePlan } from "./cascade/plan-stages.ts";
import type { Ensemble } from "./ensemble.ts";
import { ClassificationCache } from "./classification-cache.ts";
import { ContentsInFlight } from "./contents-in-flight.ts";
import { ImageInFlight } from "./image-in-flight.ts";
import { ReadAhead, type ReadItem } from "./read-ahead.ts";
import { StageBatches, type StageBatch } from "./stage-batches.ts";
import { countViews } from "./views.ts";
import type {
  Clock,
  Device,
  EngineItem,
  EngineOutcome,
  ImageDecoder,
  ObjectReader,
  ReadResult,
} from "./ports.ts";

/** The bytes of an object, and how long it took to read them. */
type ReadFile = Extract<ReadResult, { kind: "bytes" }> & { readonly readMs: number };

export interface PipelineOptions {
  readonly ensemble: Ensemble;
  readonly reader: ObjectReader;
  readonly decoder: ImageDecoder;
  readonly device: Device;
  readonly buffers: BatchBuffers;
  /** Objects of a lane that are read, or have been and wait to be decoded. */
  readonly readConcurrency: number;
  /** Images that are decoded at a time. */
  readonly decodeConcurrency: number;
  /**
   * Most rows of images that the first stage of a cascade was not sure about: while so many wait no further image is decoded. One
   * more image of each decoder may come on top.
   */
  readonly maxUndecidedRows: number;
  /** Classifications that are kept for contents that come again; 0: none. */
  readonly cacheEntries: number;
  readonly now: Clock;
  readonly events: PipelineEvents;
}

/** What a pipeline tells; none may throw. */
export interface PipelineEvents {
  outcome(outcome: EngineOutcome): void;
  /** An image was read and decoded, or found to be undecodable; the time is that of reading and of decoding, not of what lay between. */
  imageDecoded(event: { readonly decodeMs: number }): void;
  /** An image was not decoded, because its content has been classified before or is being classified. */
  imageRecalled(): void;
  /** The device has run a batch. */
  batchCompleted(event: {
    readonly rows: number;
    readonly reason: ReleaseReason;
    readonly inferMs: number;
  }): void;
  /** All members have seen an image, and it was classified: per row, per member, what they said. */
  imageScored?(event: {
    readonly id: number;
    readonly rows: readonly (readonly Float32Array[])[];
  }): void;
  /** The device is lost, the decoder is stuck, or a bug: the engine must end. `suspect`: the item in whose work it happened. */
  failed(error: unknown, suspect: number | null): void;
}

/**
 * The engine's pipeline: read → decode → batch → device → fuse, all at the same time.
 *
 * Work-conserving: the device takes what is ready as soon as it is free; there is no timer, so a lone image never waits.
 * While it runs one buffer, the other one is filled: exactly one batch is prepared ahead, and decoding pauses when it is
 * full. Objects are read before a decoder is free for them (`ReadAhead`), so no decoder waits for a network. Live goes before bulk
 * where images wait to be read, to be decoded, and where frames wait for rows.
 * With a cascade each stage has such a batch, and whichever is due runs next (`chooseStage`); an image that the members so far
 * are not sure about keeps its pixels and goes into the next stage's.
 * Invariants: an image is decoded only while a row may become free for it and fewer than `maxUndecidedRows` wait for a later stage,
 * so memory stays within the files that are read ahead, `decodeConcurrency` images, those rows, and two batches a stage; a content that is being
 * classified is finished exactly once, with all items that wait for it.
 */
export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #reads: ReadAhead;
  readonly #stages: readonly StagePlan[];
  readonly #batches: StageBatches<ImageInFlight>;
  readonly #cache: ClassificationCache;
  readonly #contents = new ContentsInFlight();
  /** Rows of images that are beyond the first stage. */
  #undecidedRows = 0;
  #isDeviceBusy = false;
  #decoding = 0;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#stages = planStages(options.ensemble);
    const { buffers } = options;
    this.#batches = new StageBatches({ buffers, stages: this.#stages.length });
    this.#cache = new ClassificationCache(options.cacheEntries);
    const { reader, readConcurrency, now, events } = options;
    this.#reads = new ReadAhead({
      reader,
      readConcurrency,
      now,
      onRead: () => this.#decodeMore(),
      onFailed: (error, id) => events.failed(error, id),
    });
  }

  submit(item: EngineItem): void {
    this.#reads.submit(item);
  }

  #decodeMore(): void {
    while (this.#mayDecode()) {
      const read = this.#reads.take();
      if (read === undefined) return;
      this.#begin(read);
    }
  }

  /** What needs no decoder has its outcome at once. */
  #begin({ item, result, readMs }: ReadItem): void {
    const { events } = this.#options;
    if (result.kind !== "bytes") {
      events.imageDecoded({ decodeMs: readMs });
      this.#conclude(item.id, result);
      return;
    }
    if (this.#recall(item, result.sha256)) {
      events.imageRecalled();
      return;
    }
    this.#decoding += 1;
    this.#prepare(item, { ...result, readMs }).catch((error: unknown) =>
      events.failed(error, item.id),
    );
  }

  #mayDecode(): boolean {
    const { decodeConcurrency, ensemble } = this.#options;
    const rowsToCome = this.#decoding * countViews(ensemble.views);
    return (
      this.#decoding < decodeConcurrency && rowsToCome < this.#batches.freeRows && !this.#isCrowded
    );
  }

  get #isCrowded(): boolean {
    return this.#undecidedRows >= this.#options.maxUndecidedRows;
  }

  /** When it fails its place in `decoding` stays taken: nothing may go on as if nothing had happened. */
  async #prepare(item: EngineItem, file: ReadFile): Promise<void> {
    const { now, events } = this.#options;
    const startedAt = now();
    const result = await this.#decode(item, file);
    this.#decoding -= 1;
    events.imageDecoded({ decodeMs: file.readMs + now() - startedAt });
    if (result instanceof ImageInFlight) {
      this.#batches.add(0, result);
      if (!this.#isDeviceBusy) this.#release({ wasIdle: true });
    } else {
      this.#conclude(item.id, result);
    }
    this.#decodeMore();
  }

  async #decode(
    { id, lane }: EngineItem,
    { bytes, sha256 }: ReadFile,
  ): Promise<ImageInFlight | Classification> {
    const image = await this.#options.decoder.decode(bytes);
    if (image.kind !== "decoded") return { ...image, sha256 };
    const { views } = this.#options.ensemble;
    return new ImageInFlight({ id, lane, image, sha256, sizeBytes: bytes.length, views });
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

  /** Gives the batch that is due to the device. */
  #release({ wasIdle }: { wasIdle: boolean }): void {
    const batch = this.#batches.take({ isCrowded: this.#isCrowded });
    if (batch === null) return;
    const hasMoreImages = this.#decoding > 0 || this.#reads.size > 0 || this.#batches.hasRows;
    const reason = releaseReason({ isFull: batch.isFull, wasIdle, hasMoreImages });
    this.#isDeviceBusy = true;
    this.#run(batch, reason).catch((error: unknown) => this.#options.events.failed(error, null));
    this.#batches.refill(batch.stage);
  }

  async #run(batch: StageBatch<ImageInFlight>, reason: ReleaseReason): Promise<void> {
    const { device, now, events } = this.#options;
    const { rows, buffer } = batch;
    const startedAt = now();
    const members = await device.run(rows.length, buffer);
    this.#isDeviceBusy = false;
    events.batchCompleted({ rows: rows.length, reason, inferMs: now() - startedAt });
    // The device goes on before anybody looks at what it gave.
    this.#release({ wasIdle: false });
    this.#distribute(batch, members);
    // Where nothing else was there, what the members are not sure about goes on at once.
    if (!this.#isDeviceBusy) this.#release({ wasIdle: false });
    this.#decodeMore();
  }

  #distribute({ rows, stage }: StageBatch<ImageInFlight>, members: readonly Float32Array[]): void {
    const plan = this.#stages[stage];
    if (plan === undefined) throw new RangeError(`there is no stage ${stage}`);
    const { ensemble } = this.#options;
    const embeddings = members[plan.members.length];
    const dimensions = (embeddings?.length ?? 0) / rows.length;
    for (const [i, { image, row }] of rows.entries()) {
      const scores = plan.members.map((m, at) => {
        const set = ensemble.members[m]?.set ?? 0;
        const classes = ensemble.sets[set]?.labels.length ?? 0;
        return (members[at] ?? new Float32Array()).subarray(i * classes, (i + 1) * classes);
      });
      const embedding = embeddings?.subarray(i * dimensions, (i + 1) * dimensions);
      if (image.addScores(row, scores, embedding)) this.#finishStage(image, plan);
    }
  }

  /** The image has its outcome, or goes on to the next stage. */
  #finishStage(image: ImageInFlight, plan: StagePlan): void {
    const outcome = image.conclude(plan);
    if (outcome === null) {
      if (plan.index === 0) this.#undecidedRows += image.rows;
      this.#batches.add(plan.index + 1, image);
      return;
    }
    if (plan.index > 0) this.#undecidedRows -= image.rows;
    if (plan.isLast && outcome.kind === "classified") {
      this.#options.events.imageScored?.({ id: image.id, rows: image.scoresAfter(plan) });
    }
    this.#conclude(image.id, outcome);
  }
}
