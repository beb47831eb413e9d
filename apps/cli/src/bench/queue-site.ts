import { copyFile, mkdir, mkdtemp, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { loadConfig, type SluiceConfig, type WorkerConfig } from "@sluice/config";
import type { Input } from "../classify/list-inputs.ts";
import type { SettledEnsemble } from "../precision/settle-ensemble.ts";
import { distinctJpeg } from "./distinct-jpeg.ts";

export interface QueueSiteOptions {
  readonly inputs: readonly Input[];
  /** How often each picture is there, every time as another content; what is no JPEG is there once. */
  readonly times: number;
  readonly ensemble: SettledEnsemble;
  readonly settings: WorkerConfig;
  /** First part of every key in Redis. */
  readonly prefix: string;
}

/** A site that lives as long as a measurement: a folder with a configuration, an uploads folder, and the pictures beside it. */
export class QueueSite implements AsyncDisposable {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly config: SluiceConfig;
  /** Copies of the inputs, no two with the same content unless the inputs were. */
  readonly pictures: readonly Input[];
  #rounds = 0;

  private constructor(folder: string, config: SluiceConfig, pictures: readonly Input[]) {
    this.folder = folder;
    this.env = environmentOf(folder);
    this.config = config;
    this.pictures = pictures;
  }

  static async make(options: QueueSiteOptions): Promise<QueueSite> {
    const folder = await mkdtemp(join(tmpdir(), "sluice-bench-site-"));
    try {
      for (const name of ["uploads", "pictures"]) await mkdir(join(folder, name));
      await writeFile(join(folder, "sluice.yaml"), JSON.stringify(siteSettings(options), null, 2));
      const pictures = await copyPictures(options, join(folder, "pictures"));
      const config = await loadConfig({ env: environmentOf(folder), cwd: folder });
      return new QueueSite(folder, config, pictures);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** What the apps write goes here. */
  async openLog(): ReturnType<typeof open> {
    return await open(join(this.folder, "sluice.log"), "a");
  }

  /**
   * Uploads the first `count` pictures, all in one moment: copies are made beside the uploads folder, and one rename shows them. No
   * links: each link changes the file's change time, and with it the version of what an earlier round uploaded. Gives the Unix
   * milliseconds of the rename.
   */
  async upload(count: number): Promise<number> {
    const round = `round-${this.#rounds++}`;
    const staging = join(this.folder, round);
    await mkdir(staging);
    for (const { name, path } of this.pictures.slice(0, count)) {
      await copyFile(path, join(staging, name));
    }
    const atMs = Date.now();
    await rename(staging, join(this.folder, "uploads", round));
    return atMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Nothing of the environment that would change the site. */
function environmentOf(folder: string): Record<string, string> {
  return { SLUICE_CONFIG: join(folder, "sluice.yaml") };
}

async function copyPictures(
  { inputs, times }: QueueSiteOptions,
  folder: string,
): Promise<readonly Input[]> {
  const copies: Input[] = [];
  for (let copy = 0; copy < times; copy++) {
    for (const [index, input] of inputs.entries()) {
      const bytes = await readFile(input.path);
      const content = copy === 0 ? bytes : distinctJpeg(bytes, copy);
      if (content === null) continue;
      const name = `${copy}-${index}${extname(input.name)}`;
      const path = join(folder, name);
      await writeFile(path, content);
      copies.push({ name, path });
    }
  }
  return copies;
}

/**
 * Ensemble and worker as in the measurement in one process. Nothing is remembered of contents, nothing is forbidden and nothing
 * waits to settle: what is measured is the way of an image, not what is done about it.
 */
function siteSettings({ ensemble, settings, prefix }: QueueSiteOptions): object {
  const { intraOpThreads, readConcurrency, decodeConcurrency, maxBatchItems } = settings;
  const limits = {
    maxImageBytes: settings.maxImageBytes,
    maxImagePixels: settings.maxImagePixels,
    maxProgressivePixels: settings.maxProgressivePixels,
    maxFrames: settings.maxFrames,
    maxUndecidedRows: settings.maxUndecidedRows,
    maxBytesInFlight: settings.maxBytesInFlight,
    maxPixelsInFlight: settings.maxPixelsInFlight,
    decodeTimeoutMs: settings.decodeTimeoutMs,
  };
  return {
    version: 1,
    dataDir: "data",
    redis: { prefix },
    roots: { uploads: { folder: "uploads" } },
    sources: [{ name: "uploads", kind: "folder", root: "uploads", settleMs: 0 }],
    ensembles: { default: ensemble },
    policies: { default: { mode: "sweep", onReview: "leave", forbidden: [] } },
    worker: {
      intraOpThreads,
      readConcurrency,
      decodeConcurrency,
      maxBatchItems,
      concurrency: settings.concurrency,
      watchdogMs: settings.watchdogMs,
      cacheEntries: 0,
      ...limits,
    },
    log: { level: "info", format: "json" },
  };
}
