import { monitorEventLoopDelay } from "node:perf_hooks";

/** Longest time that the event loop was late, in milliseconds, since the last reset. */
export interface EventLoopMonitor extends Disposable {
  maxDelayMs(): number;
  reset(): void;
}

export function monitorEventLoop(): EventLoopMonitor {
  const histogram = monitorEventLoopDelay({ resolution: 10 });
  histogram.enable();
  return {
    maxDelayMs: () => histogram.max / 1e6,
    reset: () => histogram.reset(),
    [Symbol.dispose]: () => void histogram.disable(),
  };
}
