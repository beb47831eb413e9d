import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readHubSettings } from "../hub-settings.ts";
import type { DownloadProgress, PullLimits, PullOptions } from "../pull-options.ts";
import { HubServer } from "./hub-server.ts";

/** A hub on this machine, a home with empty caches, and a target that does not exist yet. */
export interface PullPlace extends AsyncDisposable {
  readonly hub: HubServer;
  readonly folder: string;
  readonly outDir: string;
  readonly progress: DownloadProgress[];
  options(change?: Change): PullOptions;
  /** Every file below the home, relative to it. */
  files(): Promise<readonly string[]>;
}

export interface Change {
  readonly env?: Readonly<Record<string, string>>;
  readonly limits?: Partial<PullLimits>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DownloadProgress) => void;
}

export async function openPullPlace(): Promise<PullPlace> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-pull-"));
  const hub = await HubServer.start();
  const progress: DownloadProgress[] = [];
  return {
    hub,
    folder,
    outDir: join(folder, "out"),
    progress,
    options: ({ env = {}, limits = {}, signal, onProgress } = {}) => ({
      settings: readHubSettings({
        HOME: folder,
        HF_ENDPOINT: hub.url,
        SLUICE_TORCHVISION_URL: `${hub.url}/models/`,
        ...env,
      }),
      signal: signal ?? new AbortController().signal,
      limits,
      onProgress: onProgress ?? ((event) => progress.push(event)),
    }),
    async files() {
      const found = await readdir(folder, { recursive: true, withFileTypes: true });
      return found
        .filter((entry) => !entry.isDirectory())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
        .toSorted();
    },
    async [Symbol.asyncDispose]() {
      await hub[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Bytes that do not repeat, so that a wrong order or a hole would be seen. */
export function makeBytes(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let i = 0; i < length; i += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}
