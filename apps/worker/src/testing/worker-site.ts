import { lstat, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  chunkJobSchema,
  deriveChunkId,
  encodeObjectPath,
  objectRefSchema,
  type ChunkJob,
  type ObjectRef,
} from "@sluice/contracts";
import { rasterizeSvg, type RasterizeOptions } from "@sluice/imaging";
import { buildFromCard, buildModelDirectory } from "@sluice/models";
import { versionOfFile } from "@sluice/storage";

const weights = fileURLToPath(new URL("../../../../infra/demo-models/weights/", import.meta.url));

/** A folder with uploads, a model and a configuration, for a worker that tests run. */
export class WorkerSite implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * @param inputSide side of the model's input in pixels; SqueezeNet takes any, and a larger one makes it slow
   * @param settings of `worker` in the configuration
   */
  static async make({
    inputSide,
    settings = {},
  }: { inputSide?: number; settings?: object } = {}): Promise<WorkerSite> {
    const site = new WorkerSite(await mkdtemp(join(tmpdir(), "sluice-worker-")));
    await mkdir(site.path("uploads"));
    await mkdir(site.path("published"));
    const config = {
      version: 1,
      dataDir: "data",
      roots: { uploads: { folder: "uploads" }, published: { folder: "published" } },
      sources: [{ name: "uploads", kind: "folder", root: "uploads" }],
      ensembles: { default: { members: [{ model: "model" }] } },
      policies: { default: { mode: "gate", publishTo: "published", forbidden: [] } },
      worker: settings,
      log: { level: "debug", format: "json" },
    };
    await writeFile(site.path("sluice.yaml"), JSON.stringify(config));
    if (inputSide === undefined) {
      await buildFromCard(join(weights, "squeezenet1_1.json"), site.path("model"));
    } else {
      await site.#buildSlowModel(inputSide);
    }
    return site;
  }

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  async upload(name: string, bytes: Buffer | string): Promise<ObjectRef> {
    const path = this.path("uploads", name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
    const stats = await lstat(path, { bigint: true });
    return objectRefSchema.parse({
      path: encodeObjectPath(Buffer.from(name)),
      version: versionOfFile(stats),
      sizeBytes: Number(stats.size),
    });
  }

  /** Different pictures, one per name. */
  async uploadPictures(names: readonly string[]): Promise<ObjectRef[]> {
    const objects: ObjectRef[] = [];
    for (const [i, name] of names.entries()) {
      objects.push(await this.upload(name, await drawPicture(i)));
    }
    return objects;
  }

  async #buildSlowModel(side: number): Promise<void> {
    await buildModelDirectory({
      architecture: "squeezenet1_1",
      weightsPath: join(weights, "squeezenet1_1.safetensors"),
      labels: Array.from({ length: 8 }, (_, i) => `label${i}`),
      image: {
        resize: side,
        crop: side,
        interpolation: "bilinear",
        mean: [0.485, 0.456, 0.406],
        std: [0.229, 0.224, 0.225],
      },
      outDir: this.path("model"),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Rings on a ground whose colours follow from the number. */
export async function drawPicture(
  number: number,
  options: RasterizeOptions = { format: "jpeg" },
): Promise<Buffer> {
  const hue = (number * 47) % 360;
  const rings = [90, 60, 30].map(
    (radius, i) =>
      `<circle cx="160" cy="120" r="${radius}" fill="hsl(${(hue + i * 90) % 360},70%,${30 + 20 * i}%)"/>`,
  );
  const ground = `<rect width="320" height="240" fill="hsl(${(hue + 180) % 360},40%,80%)"/>`;
  return await rasterizeSvg(
    `<svg xmlns="http://www.w3.org/2000/svg" width="320" height="240">${ground}${rings.join("")}</svg>`,
    options,
  );
}

export function makeChunk(objects: readonly ObjectRef[], ensemble = "default"): ChunkJob {
  const names = { source: "uploads", root: "uploads", policy: "default", ensemble };
  const draft = {
    v: 1,
    id: `c${"0".repeat(40)}`,
    lane: "live",
    enqueuedAtMs: Date.now(),
    ...names,
  };
  const chunk = chunkJobSchema.parse({ ...draft, objects });
  return { ...chunk, id: deriveChunkId(chunk) };
}
