import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { HealthPortError, startHealthServer } from "./health-server.ts";
import { createMetrics } from "./metrics.ts";

test("a process answers /livez always, /readyz by its checks, /metrics with a final newline", async () => {
  const runDir = await mkdtemp(join(tmpdir(), "sluice-run-"));
  const metrics = createMetrics();
  metrics.counter("sluice_test_items_total", "Items.", ["kind"]).inc({ kind: "a" }, 3);
  let isReady = false;
  const options = { host: "127.0.0.1", registry: metrics.registry, name: "test", runDir };
  await using server = await startHealthServer({
    ...options,
    port: 0,
    readiness: () => ({ isReady, checks: { redis: isReady ? "ok" : "not connected" } }),
  });
  expect((await fetch(`${server.url}/livez`)).status).toBe(200);
  const before = await fetch(`${server.url}/readyz`);
  expect([before.status, await before.json()]).toEqual([
    503,
    { isReady: false, checks: { redis: "not connected" } },
  ]);
  isReady = true;
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  const text = await (await fetch(`${server.url}/metrics`)).text();
  expect(text).toMatch(/sluice_test_items_total\{kind="a"\} 3/u);
  expect(text.endsWith("\n")).toBe(true);
  expect(JSON.parse(await readFile(join(runDir, "test.json"), "utf8"))).toMatchObject({
    pid: process.pid,
    port: server.port,
  });
  await expect(
    startHealthServer({
      ...options,
      port: server.port,
      readiness: () => ({ isReady, checks: {} }),
    }),
  ).rejects.toBeInstanceOf(HealthPortError);
});
