import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findOrInstallRedis, startLocalRedis } from "@sluice/local-redis";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Finding } from "../doctor/finding.ts";
import { startFakeS3 } from "../../../../packages/s3/src/testing/fake-s3.ts";
import { runSluice } from "../testing/run-sluice.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-doctor-"));
  await mkdir(join(folder, "incoming"));
  await mkdir(join(folder, "public"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function writeConfig(changes: object = {}): Promise<void> {
  const config = {
    version: 1,
    dataDir: "data",
    roots: { uploads: { folder: "incoming" }, published: { folder: "public" } },
    sources: [{ name: "uploads", kind: "folder", root: "uploads" }],
    ensembles: { default: { members: [{ model: "model" }] } },
    policies: { default: { mode: "gate", publishTo: "published", forbidden: [] } },
    ...changes,
  };
  await writeFile(join(folder, "sluice.yaml"), JSON.stringify(config));
}

async function examine(args: readonly string[] = []) {
  const { code, stdout, stderr } = await runSluice(["doctor", "--json", ...args], folder);
  const report: { isHealthy: boolean; findings: Finding[] } = JSON.parse(stdout);
  const found = new Map(report.findings.map((finding) => [finding.what, finding]));
  return { code, stderr, found, isHealthy: report.isHealthy };
}

test("a machine that is fit is told so, line by line, and nothing is left behind", async () => {
  await writeConfig();
  const { code, stdout } = await runSluice(["doctor"], folder);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^✓ Node\.js: \d+/u);
  expect(stdout).toContain("✓ ONNX Runtime: ");
  expect(stdout).toContain("✓ devices: cpu");
  expect(stdout).not.toContain("✗");
  expect(await readdir(join(folder, "incoming"))).toEqual([]);
  expect(await readdir(join(folder, "public"))).toEqual([]);
});

test("a configuration that cannot be used is one finding, and the machine is looked at all the same", async () => {
  await writeConfig({ worker: { watchdog: 1 } });
  const { code, found, stderr } = await examine();
  expect(code).toBe(1);
  expect(found.get("configuration")?.found).toContain('did you mean "watchdogMs"');
  expect(found.get("Node.js")?.state).toBe("ok");
  expect(stderr).toContain("doctor: 1 broken");
});

test("a GPU that is not there is broken, with what to do", async () => {
  await writeConfig();
  const { code, found, isHealthy } = await examine(["--devices", "cuda:999"]);
  expect([code, isHealthy]).toEqual([1, false]);
  const broken = [...found.values()].filter(({ state }) => state === "broken");
  expect(broken.length).toBeGreaterThan(0);
  expect(broken.every(({ remedy }) => remedy !== null && remedy.length > 10)).toBe(true);
});

test("a Redis that does not answer, and one that may drop jobs", async () => {
  await writeConfig({ redis: { url: "redis://127.0.0.1:1" } });
  expect((await examine()).found.get("Redis")).toMatchObject({
    state: "broken",
    found: expect.stringContaining("does not answer"),
  });
  const program = await findOrInstallRedis({ env: process.env, onInstall: () => undefined });
  const options = { program, dataDir: join(folder, "redis"), startTimeoutMs: 20_000 };
  const redis = await startLocalRedis(options);
  try {
    await writeConfig({ redis: { url: redis.url } });
    const { found } = await examine();
    expect(found.get("Redis")).toMatchObject({ state: "ok" });
    expect(found.get("Redis settings")).toMatchObject({ state: "ok" });
    expect(found.get("Redis")?.found).not.toMatch(/:[^@/]{8,}@/u);
  } finally {
    await redis.stop();
  }
}, 60_000);

test("a folder that is not there, or is a file, is broken", async () => {
  await rm(join(folder, "incoming"), { recursive: true });
  await writeFile(join(folder, "incoming"), "");
  await writeConfig();
  const { code, found } = await examine();
  expect(code).toBe(1);
  expect(found.get("folders")?.found).toContain("roots.uploads.folder");
});

test("a source that would see our probe is not probed", async () => {
  await writeConfig({
    sources: [{ name: "uploads", kind: "folder", root: "uploads", ignore: ["**/*.tmp"] }],
  });
  const { found } = await examine();
  expect(found.get("root uploads")?.found).toContain("not tried");
  expect(found.get("root published")?.found).toContain("takes hard links");
});

test("buckets: what can be listed, what is missing, and what may not be asked", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  await using fake = await startFakeS3();
  fake.bucket("pictures").versioning = "on";
  const bucket = (name: string) => ({ s3: { bucket: name, endpoint: fake.endpoint.href } });
  const uploads = { name: "uploads", kind: "s3", root: "uploads" };
  const policies = { default: { mode: "sweep", forbidden: [] } };
  const roots = { uploads: bucket("pictures"), archive: bucket("nowhere") };
  await writeConfig({ roots, sources: [uploads], policies });
  const { found } = await examine();
  expect(found.get("root uploads")).toMatchObject({
    state: "ok",
    found: expect.stringMatching(
      /^s3:\/\/pictures\/ at 127.*; can be listed, empty, keeps versions$/u,
    ),
  });
  expect(found.get("root archive")).toMatchObject({
    state: "broken",
    found: expect.stringContaining('There is no bucket "nowhere" here'),
  });
  fake.faults.add({ operation: "GetBucketVersioning", kind: "access-denied" });
  expect((await examine()).found.get("root uploads")?.state).toBe("warning");
});
