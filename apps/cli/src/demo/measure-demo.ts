import { quantile } from "./quantile.ts";
import type { UploadResult } from "./upload-result.ts";

export interface Latencies {
  readonly count: number;
  /** Milliseconds from the file being complete to its decision being recorded. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** For uploads that arrived while the stack ran. Null when none was decided. */
export function measureLatencies(results: readonly UploadResult[]): Latencies | null {
  const waits = results.flatMap(({ upload, decisions: [newest] }) =>
    newest === undefined ? [] : [newest.record.decidedAtMs - upload.completedAtMs],
  );
  const [p50Ms, p99Ms] = [quantile(waits, 0.5), quantile(waits, 0.99)];
  return p50Ms === null || p99Ms === null ? null : { count: waits.length, p50Ms, p99Ms };
}

/**
 * Images per second for uploads that arrived together, from the moment the last of them was complete and had
 * settled until the last decision. Null when nothing was decided.
 */
export function measureRate(results: readonly UploadResult[], settleMs: number): number | null {
  const decided = results.flatMap(({ decisions }) => decisions[0]?.record.decidedAtMs ?? []);
  const lastComplete = Math.max(...results.map(({ upload }) => upload.completedAtMs));
  const tookMs = Math.max(...decided) - lastComplete - settleMs;
  return decided.length === 0 || tookMs <= 0 ? null : (decided.length * 1000) / tookMs;
}
