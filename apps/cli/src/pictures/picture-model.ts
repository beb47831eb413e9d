import { readFile } from "node:fs/promises";
import { createImageDecoder, hardenDecoder } from "@sluice/imaging";
import {
  countViews,
  type ImageDecoder,
  type NotScanned,
  type PixelSpec,
  type Views,
} from "@sluice/inference";
import { openToolSession, type NumberTensor, type ToolSession } from "@sluice/inference-onnx";
import {
  deriveProductionGraph,
  pixelSpecOf,
  readModelDirectory,
  type ModelDirectory,
  type Precision,
} from "@sluice/models";

/** Limits for pictures that a person names on the command line: generous, since they are that person's own. */
const LIMITS = {
  maxImagePixels: 200_000_000,
  maxProgressivePixels: 100_000_000,
  maxFrames: 1000,
  maxPixelsInFlight: 4e8,
  decodeTimeoutMs: 60_000,
} as const;

/** uint8 RGB rows, `height * width * 3` bytes for each view, as the model takes them. */
export type Pixels = Uint8Array;

/** A model directory with everything that is needed to run pictures through it. */
export interface PictureModel extends AsyncDisposable {
  readonly directory: ModelDirectory;
  readonly spec: PixelSpec;
  /** Of each picture. */
  readonly views: number;
  readonly outputNames: readonly string[];
  /**
   * The first frame, resized and cropped as the model's card says, or why there are no pixels.
   *
   * @param picture path of a file, or the file's content
   */
  prepare(picture: string | Buffer): Promise<Pixels | NotScanned>;
  /**
   * @param outputs names among `outputNames`; `probabilities`, `logits` and, for our own builds, `embeddings`
   * @returns per output `[pictures * views, …]` float32, the views of a picture one behind the other
   */
  run(
    pictures: readonly Pixels[],
    outputs: readonly string[],
  ): Promise<ReadonlyMap<string, NumberTensor>>;
}

/** @throws ModelError, ModelLoadError when the directory does not hold a model that runs */
export async function openPictureModel(
  folder: string,
  precision: Precision = "float32",
  views: Views = "center",
): Promise<PictureModel> {
  const directory = await readModelDirectory(folder, precision);
  const session = await openToolSession(await deriveProductionGraph(directory));
  return new OpenPictureModel(directory, session, views);
}

class OpenPictureModel implements PictureModel {
  readonly directory: ModelDirectory;
  readonly spec: PixelSpec;
  readonly views: number;
  readonly outputNames: readonly string[];
  readonly #session: ToolSession;
  readonly #decoder: ImageDecoder;

  constructor(directory: ModelDirectory, session: ToolSession, views: Views) {
    hardenDecoder();
    this.directory = directory;
    this.spec = { ...pixelSpecOf(directory), views };
    this.views = countViews(views);
    this.outputNames = session.outputNames;
    this.#session = session;
    this.#decoder = createImageDecoder({ ...LIMITS, specs: [this.spec] });
  }

  async prepare(picture: string | Buffer): Promise<Pixels | NotScanned> {
    const bytes = typeof picture === "string" ? await readFile(picture) : picture;
    const decoded = await this.#decoder.decode(bytes);
    if (decoded.kind === "unscannable") return decoded;
    const pixels = decoded.frames[0]?.[0];
    if (pixels === undefined) throw new Error("a picture was decoded without a frame");
    return pixels;
  }

  async run(
    pictures: readonly Pixels[],
    outputs: readonly string[],
  ): Promise<ReadonlyMap<string, NumberTensor>> {
    const { height, width } = this.spec;
    const rows = pictures.length * this.views;
    const size = this.views * height * width * 3;
    const data = new Uint8Array(pictures.length * size);
    for (const [i, pixels] of pictures.entries()) data.set(pixels, i * size);
    return await this.#session.run({ data, shape: [rows, height, width, 3] }, outputs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }
}
