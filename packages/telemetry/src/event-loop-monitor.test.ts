import { expect, test } from "vitest";
import { monitorEventLoop } from "./event-loop-monitor.ts";

test("the monitor tells how long the event loop was late, until it is reset", async () => {
  using monitor = monitorEventLoop();
  await nextTimer(); // the monitor samples from its first turn on
  const until = performance.now() + 100;
  while (performance.now() < until); // blocks, as code that computes would
  await nextTimer();
  expect(monitor.maxDelayMs()).toBeGreaterThan(80);
  monitor.reset();
  expect(monitor.maxDelayMs()).toBe(0);
});

async function nextTimer(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 20));
}
