import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  HealthPortError,
  startHealthServer,
  type HealthServer,
  type HealthServerOptions,
} from "./health-server.ts";
import { createMetrics } from "./metrics.ts";
import { RunFileError } from "./run-file.ts";

async function start(options: Partial<HealthServerOptions> = {}): Promise<HealthServer> {
  return await startHealthServer({
    host: "127.0.0.1",
    port: 0,
    registry: createMetrics().registry,
    name: "test",
    runDir: await mkdtemp(join(tmpdir(), "sluice-run-")),
    readiness: () => ({ isReady: true, checks: {} }),
    ...options,
  });
}

test("/readyz answers 503 with the reasons until everything works", async () => {
  let isReady = false;
  const readiness = () => ({ isReady, checks: { redis: isReady ? "ok" : "not connected" } });
  await using server = await start({ readiness });
  const before = await fetch(`${server.url}/readyz`);
  expect(before.status).toBe(503);
  expect(await before.json()).toEqual({ isReady: false, checks: { redis: "not connected" } });
  isReady = true;
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
});

test("/livez depends on the event loop alone, however the checks fare", async () => {
  const readiness = async (): Promise<never> => await new Promise(() => undefined);
  await using server = await start({ readiness });
  const ready = fetch(`${server.url}/readyz`);
  expect((await fetch(`${server.url}/livez`)).status).toBe(200);
  expect(await (await ready).json()).toEqual({
    isReady: false,
    checks: { readiness: "no answer in 1000 ms" },
  });
});

test("a check that throws means not ready", async () => {
  await using server = await start({
    readiness: () => {
      throw new Error("database locked");
    },
  });
  const response = await fetch(`${server.url}/readyz`);
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ checks: { readiness: "Error: database locked" } });
});

test("/metrics is Prometheus text with our prefix and a final newline", async () => {
  const metrics = createMetrics();
  metrics.counter("sluice_test_items_total", "Items.", ["kind"]).inc({ kind: "a" }, 3);
  metrics.histogram("sluice_test_seconds", "Seconds.", { buckets: [0.1, 1] }).observe(0.5);
  metrics.gauge("sluice_test_open", "Open.").set(7);
  await using server = await start({ registry: metrics.registry });
  const response = await fetch(`${server.url}/metrics?name=ignored`);
  expect(response.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/u);
  const text = await response.text();
  expect(text.endsWith("\n")).toBe(true);
  for (const line of [
    'sluice_test_items_total{kind="a"} 3',
    'sluice_test_seconds_bucket{le="1"} 1',
    "sluice_test_open 7",
  ]) {
    expect(text.split("\n")).toContain(line);
  }
  const names = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  expect(names.filter((line) => !line.startsWith("sluice_"))).toEqual([]);
});

test("anything else is refused with what is expected", async () => {
  await using server = await start();
  expect((await fetch(`${server.url}/`)).status).toBe(404);
  expect((await fetch(`${server.url}//`)).status).toBe(404);
  expect((await fetch(`${server.url}/livez`, { method: "POST" })).status).toBe(405);
  expect((await fetch(`${server.url}/livez`, { method: "HEAD" })).status).toBe(200);
});

test("the run file tells where the process answers, and goes with it", async () => {
  const runDir = await mkdtemp(join(tmpdir(), "sluice-run-"));
  const server = await start({ runDir });
  const content: unknown = JSON.parse(await readFile(join(runDir, "test.json"), "utf8"));
  expect(content).toMatchObject({
    v: 1,
    name: "test",
    pid: process.pid,
    host: "127.0.0.1",
    port: server.port,
  });
  await server[Symbol.asyncDispose]();
  expect(await readdir(runDir)).toEqual([]);
});

test("the run file of a successor is left alone", async () => {
  const runDir = await mkdtemp(join(tmpdir(), "sluice-run-"));
  const server = await start({ runDir });
  await writeFile(join(runDir, "test.json"), "the successor's");
  await server[Symbol.asyncDispose]();
  expect(await readFile(join(runDir, "test.json"), "utf8")).toBe("the successor's");
});

test("a port that is taken, or a data folder that is none, is one error with the setting in it", async () => {
  await using first = await start();
  const taken = start({ port: first.port });
  await expect(taken).rejects.toBeInstanceOf(HealthPortError);
  await expect(taken).rejects.toThrow(/EADDRINUSE.*"http"/u);
  const file = join(await mkdtemp(join(tmpdir(), "sluice-run-")), "file");
  await writeFile(file, "");
  const nowhere = start({ runDir: join(file, "run") });
  await expect(nowhere).rejects.toBeInstanceOf(RunFileError);
  await expect(nowhere).rejects.toThrow(/dataDir/u);
});
