import { execFile, spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { GATE, SWEEP } from "./testing/site.ts";
import { Process, RunningSite } from "./testing/running-site.ts";

const run = promisify(execFile);

async function operate(
  running: RunningSite,
  ...args: string[]
): Promise<{ code: number | null; output: string; errors: string }> {
  const program = new URL("operate.ts", import.meta.url).pathname;
  const { SLUICE_REDIS_URL: _, ...env } = running.env;
  const child = spawn(process.execPath, ["--conditions=@sluice/source", program, ...args], { env });
  const operation = new Process(child);
  const { code } = await operation.exited;
  return { code, output: operation.output, errors: operation.errors };
}

test("a verdict from the queue is settled: effect done, ingest told, counted; SIGTERM ends with 0", async () => {
  await using running = await RunningSite.make(GATE);
  const { site } = running;
  await site.upload("a.jpg", "good");
  await site.upload("b.jpg", "bad");
  const moderation = await running.start();
  await running.deliver(await site.verdict({ "a.jpg": 0.1, "b.jpg": 0.9 }));
  const settled = await running.nextSettled();
  expect(settled.objects.map(({ path }) => path)).toEqual(["a.jpg", "b.jpg"]);
  expect([await site.files("uploads"), await site.files("published")]).toEqual([
    {},
    { "a.jpg": "good" },
  ]);
  const port = await moderation.ready;
  const get = async (path: string) => await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  expect(await get("/readyz")).toContain('"isReady":true');
  const metrics = await get("/metrics");
  expect(metrics).toContain(
    'sluice_moderation_decisions_total{decision="quarantine",rule="forbidden"} 1',
  );
  expect(metrics).toContain('sluice_moderation_effects_total{kind="publish",result="published"} 1');
  expect(await moderation.stop()).toEqual({ code: 0, signal: null });
  expect(moderation.errors).toBe("");
});

test("killed between vault write and move, the next process finishes and tells ingest", async () => {
  await using running = await RunningSite.make(SWEEP);
  const { site } = running;
  await site.upload("b.jpg", "bad");
  const first = await running.start({ SLUICE_FAULT_KILL_AT: "record.taking" });
  await running.deliver(await site.verdict({ "b.jpg": 0.9 }));
  expect(await first.exited).toEqual({ code: null, signal: "SIGKILL" });
  expect(await site.files("uploads")).toEqual({ "b.jpg": "bad" });
  const second = await running.start();
  expect((await running.nextSettled()).objects).toHaveLength(1);
  expect(await site.files("uploads")).toEqual({});
  await second.stop();
});

test("an operator restores beside the running process, with exit codes and JSON", async () => {
  await using running = await RunningSite.make(SWEEP);
  const { site } = running;
  await site.upload("b.jpg", "bad");
  const moderation = await running.start();
  await running.deliver(await site.verdict({ "b.jpg": 0.9 }));
  await running.nextSettled();
  const unknown = await operate(running, "restore", "q000000000000000000000000");
  expect([unknown.code, unknown.errors]).toEqual([1, expect.stringMatching(/There is no record/u)]);
  expect((await operate(running, "restore", "nonsense")).code).toBe(64);
  expect((await operate(running, "review", "approve")).code).toBe(64);
  const { stdout } = await run("find", [site.path("data/vault"), "-name", "*.json"]);
  const id = /\.(q[0-9a-f]{24})\.json/u.exec(stdout)?.[1] ?? "";
  await site.upload("b.jpg", "another");
  const refused = await operate(running, "restore", id, "--json");
  expect([refused.code, JSON.parse(refused.output)]).toMatchObject([
    1,
    { error: { code: "TARGET_OCCUPIED" } },
  ]);
  const elsewhere = await operate(
    running,
    "restore",
    id,
    "--to",
    site.path("uploads/c/b.jpg"),
    "--json",
  );
  expect(JSON.parse(elsewhere.output)).toMatchObject({
    result: "restored",
    root: "uploads",
    path: "c/b.jpg",
  });
  expect(await site.files("uploads")).toEqual({ "b.jpg": "another", "c/b.jpg": "bad" });
  await moderation.stop();
});

test("without Redis the process says so and exits 69; without its folders 78", async () => {
  await using running = await RunningSite.make(GATE);
  await rm(running.site.path("uploads"), { recursive: true });
  const noFolder = await running.start();
  expect(await noFolder.exited).toEqual({ code: 78, signal: null });
  expect(noFolder.errors).toMatch(/^moderation: roots: expected the folders/u);
  await running.redis.stop();
  const noRedis = await running.start();
  expect(await noRedis.exited).toEqual({ code: 69, signal: null });
  expect(noRedis.errors).not.toContain("    at ");
});
