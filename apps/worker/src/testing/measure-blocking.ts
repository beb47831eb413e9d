// Loaded before the worker's own module (node --import): tells how long its event loop was late, and how much of that it was
// busy. On a crowded machine a loop that waits for a core is late through no fault of its own; only work blocks it.
import { isMainThread } from "node:worker_threads";

const INTERVAL_MS = 5;

if (isMainThread && process.argv[1]?.endsWith("/src/main.ts") === true) {
  let last = performance.now();
  let lastCpuMs = cpuMs();
  setInterval(() => {
    const [now, nowCpuMs] = [performance.now(), cpuMs()];
    const lateMs = now - last - INTERVAL_MS;
    const busyMs = Math.min(lateMs, nowCpuMs - lastCpuMs);
    if (lateMs > 20)
      process.stdout.write(`${JSON.stringify({ event: "test.late", lateMs, busyMs })}\n`);
    [last, lastCpuMs] = [now, nowCpuMs];
  }, INTERVAL_MS).unref();
}

/** CPU time of this thread. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
