import { availableParallelism } from "node:os";
import type { WorkerConfig } from "@sluice/config";
import {
  objectRefSchema,
  rootNameSchema,
  type Classification,
  type ObjectPath,
} from "@sluice/contracts";
import { createImageDecoder, hardenDecoder } from "@sluice/imaging";
import { allocateBatchBuffers, Pipeline, READS_PER_DECODER } from "@sluice/inference";
import { startOnnxDevice, type OnnxDevice } from "@sluice/inference-onnx";
import type { LoadedEnsemble } from "@sluice/models";
import { readInput } from "./file-reader.ts";
import { blameInput } from "./blame-input.ts";
import type { Input } from "./list-inputs.ts";

export interface ClassifiedInput {
  readonly input: Input;
  readonly classification: Classification;
  /** Per row (each view of each frame), per member; only where it was asked for, and once for each content. */
  readonly rows?: ImageRows | undefined;
}

export type ImageRows = readonly (readonly Float32Array[])[];

/** Inputs that are known to the pipeline at a time, in batches: enough that a slow one at the front starves nobody. */
const BATCHES_IN_FLIGHT = 4;

const ROOT = rootNameSchema.parse("local");

/**
 * The worker's pipeline in this process, without queue and locks: nothing is lost with it, since whoever started it sees
 * how far it came. A picture that brings down the decoder brings down the command, too; a worker survives that.
 */
export class LocalEngine implements AsyncDisposable {
  readonly #pipeline: Pipeline;
  readonly #device: OnnxDevice;
  readonly #settings: WorkerConfig;
  readonly #waiting = new Map<number, (settled: Settled) => void>();
  /** Until they have an outcome, by the path under which the pipeline knows them: their number. */
  readonly #inputs = new Map<string, Input>();
  /** Between an image's last batch and its outcome. */
  readonly #scored = new Map<number, ImageRows>();
  readonly #failure: Promise<never>;
  #nextId = 1;

  private constructor(loaded: LoadedEnsemble, device: OnnxDevice, parts: Parts) {
    const { buffers, settings } = parts;
    const { promise: failure, reject } = Promise.withResolvers<never>();
    failure.catch(() => undefined); // Told by `classify`; between two calls nobody listens.
    this.#device = device;
    this.#settings = settings;
    this.#failure = failure;
    const decodeConcurrency = settings.decodeConcurrency || availableParallelism() + 1;
    this.#pipeline = new Pipeline({
      ensemble: loaded.ensemble,
      reader: { read: async (_root, { path }) => await this.#read(path) },
      decoder: createImageDecoder({
        ...settings,
        specs: loaded.specs,
        frames: loaded.ensemble.frames,
      }),
      device,
      buffers,
      readConcurrency: settings.readConcurrency || READS_PER_DECODER * decodeConcurrency,
      decodeConcurrency,
      maxUndecidedRows: settings.maxUndecidedRows,
      cacheEntries: settings.cacheEntries,
      now: () => performance.now(),
      events: {
        outcome: ({ id, classification }) => this.#settle(id, classification),
        imageDecoded: () => undefined,
        imageRecalled: () => undefined,
        batchCompleted: () => undefined,
        failed: (error, suspect) => reject(blameInput(error, this.#inputs.get(String(suspect)))),
        ...(parts.keepsRows === true && {
          imageScored: ({ id, rows }) => this.#scored.set(id, rows),
        }),
      },
    });
  }

  /**
   * @param options `keepsRows`: results hold what every member said of every row
   * @throws ModelLoadError when a member does not load
   */
  static async start(
    loaded: LoadedEnsemble,
    settings: WorkerConfig,
    options: { readonly keepsRows?: boolean } = {},
  ): Promise<LocalEngine> {
    hardenDecoder();
    const buffers = allocateBatchBuffers(
      loaded.specs,
      settings.maxBatchItems,
      loaded.specsOfStages,
    );
    const device = await startOnnxDevice({
      members: loaded.deviceMembers,
      buffers,
      provider: "cpu",
      intraOpThreads: settings.intraOpThreads,
      memberArrangement: settings.memberArrangement,
      memberTimingMs: settings.memberTimingMs,
    });
    return new LocalEngine(loaded, device, { buffers, settings, ...options });
  }

  /** Results in the order of the inputs, each as soon as all before it are there. */
  async *classify(
    inputs: Iterable<Input>,
    signal: AbortSignal,
  ): AsyncGenerator<ClassifiedInput, void> {
    const window = BATCHES_IN_FLIGHT * this.#settings.maxBatchItems;
    const inFlight: { input: Input; result: Promise<Settled> }[] = [];
    const take = async (): Promise<ClassifiedInput[]> => {
      const next = inFlight.shift();
      if (next === undefined) return [];
      const settled = await Promise.race([next.result, this.#failure]);
      return [{ input: next.input, ...settled }];
    };
    for (const input of inputs) {
      signal.throwIfAborted();
      inFlight.push({ input, result: this.#submit(input) });
      if (inFlight.length >= window) yield* await take();
    }
    while (inFlight.length > 0) {
      signal.throwIfAborted();
      yield* await take();
    }
  }

  async #submit(input: Input): Promise<Settled> {
    const id = this.#nextId++;
    const object = objectRefSchema.parse({ path: String(id), version: "1", sizeBytes: 0 });
    this.#inputs.set(object.path, input);
    const { promise, resolve } = Promise.withResolvers<Settled>();
    this.#waiting.set(id, resolve);
    this.#pipeline.submit({ id, lane: "bulk", root: ROOT, object });
    return await promise;
  }

  async #read(path: ObjectPath): ReturnType<typeof readInput> {
    const input = this.#inputs.get(path);
    if (input === undefined) throw new Error(`no input has the number ${path}`);
    return await readInput(input.path, this.#settings.maxImageBytes);
  }

  #settle(id: number, classification: Classification): void {
    this.#waiting.get(id)?.({ classification, rows: this.#scored.get(id) });
    this.#waiting.delete(id);
    this.#inputs.delete(String(id));
    this.#scored.delete(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#device[Symbol.asyncDispose]();
  }
}

type Settled = Omit<ClassifiedInput, "input">;

interface Parts {
  readonly buffers: ReturnType<typeof allocateBatchBuffers>;
  readonly settings: WorkerConfig;
  readonly keepsRows?: boolean;
}
