import { stat } from "node:fs/promises";
import type { RemoteFile } from "../download/remote-file.ts";
import { limitsOf, type PullOptions } from "../pull-options.ts";
import { openResponse } from "./open-response.ts";
import { explainStatus } from "./refuse-status.ts";
import { StallWatch } from "./stall-watch.ts";

/** The file with its size, from the cache or a HEAD request; unchanged when that is not wanted or the server does not say. */
export async function measureFile(
  file: RemoteFile,
  options: PullOptions & { readonly isMeasured?: boolean },
): Promise<RemoteFile> {
  if (options.isMeasured !== true) return file;
  // Absent is the usual case.
  const cached = await stat(file.cachePath).catch(() => null);
  if (cached !== null) return { ...file, sizeBytes: cached.size };
  if (options.settings.isOffline) return file;
  const { host } = file.url;
  using watch = new StallWatch(host, limitsOf(options).stallTimeoutMs, options.signal);
  const request = {
    url: file.url,
    method: "HEAD",
    headers: { "accept-encoding": "identity" },
    signal: watch.signal,
  };
  const response = await openResponse(request, file.access);
  // Some servers have no HEAD; then nobody knows before the file is fetched.
  if (response.status === 405 || response.status === 501) return file;
  if (!response.ok) throw explainStatus(response, { what: file.name, host, hasToken: false });
  const length = response.headers.get("content-length") ?? "";
  return /^\d{1,15}$/u.test(length) ? { ...file, sizeBytes: Number(length) } : file;
}
