import type { HubSettings } from "./hub-settings.ts";

export interface PullLimits {
  /** All files of a model together, bytes. Default 2 GiB; too low refuses large models, too high fills a disk. */
  readonly maxBytes: number;
  /** A transfer without a byte for so long is given up, milliseconds. Default 30 s; too low breaks on slow disks of a hub. */
  readonly stallTimeoutMs: number;
  /**
   * How often a connection that breaks off is opened again within one call, as long as each brought something. Default 5; 0: never.
   */
  readonly maxResumes: number;
  /** One answer of the hub's API, or a model's config.json, bytes. Default 4 MiB. */
  readonly maxApiBytes: number;
}

export const DEFAULT_PULL_LIMITS: PullLimits = {
  maxBytes: 2 * 1024 ** 3,
  stallTimeoutMs: 30_000,
  maxResumes: 5,
  maxApiBytes: 4 * 1024 ** 2,
};

export interface DownloadProgress {
  /** Name of the file being fetched. */
  readonly file: string;
  /** Of this file, with what an earlier attempt had fetched; never falls. */
  readonly receivedBytes: number;
  readonly totalBytes: number | null;
}

export interface PullOptions {
  readonly settings: HubSettings;
  readonly signal: AbortSignal;
  readonly limits?: Partial<PullLimits>;
  readonly onProgress?: (progress: DownloadProgress) => void;
}

export function limitsOf(options: PullOptions): PullLimits {
  return { ...DEFAULT_PULL_LIMITS, ...options.limits };
}
