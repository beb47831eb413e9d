import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { ConfigError } from "./config-error.ts";
import { loadConfig, requireRedisUrl } from "./load-config.ts";
import { policyNameSchema, rootNameSchema } from "@sluice/contracts";

const good = {
  version: 1,
  roots: { uploads: { folder: "in" }, published: { folder: "out" } },
  sources: [{ name: "uploads", kind: "folder", root: "uploads" }],
  ensembles: { default: { members: [{ model: "models/a" }] } },
  policies: {
    default: { mode: "gate", publishTo: "published", forbidden: [{ label: "x", quarantine: 0.5 }] },
  },
};
type Settings = Record<string, unknown>;

async function load(settings: Settings | string, env: Record<string, string> = {}) {
  const cwd = await mkdtemp(join(tmpdir(), "sluice-config-"));
  const text = typeof settings === "string" ? settings : stringify(settings);
  await writeFile(join(cwd, "sluice.yaml"), text);
  return { cwd, config: await loadConfig({ env, cwd }) };
}

async function problemsOf(settings: Settings | string, env: Record<string, string> = {}) {
  const error = await load(settings, env).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConfigError))
    throw new Error(`expected a ConfigError, got ${String(error)}`);
  expect(error.exitCode).toBe(78);
  return error.problems.join("\n");
}

test("a file needs only what is particular to a site; the rest has defaults, paths become absolute", async () => {
  const { cwd, config } = await load(good);
  expect(config.roots.get(rootNameSchema.parse("uploads"))?.folder).toBe(join(cwd, "in"));
  expect(config.policies.get(policyNameSchema.parse("default"))).toMatchObject({
    damaged: "review",
    unscannable: { default: "review" },
  });
  expect(config.worker.lockDurationMs).toBe(10_000);
  expect(config.moderation.vaultDir).toBe(join(cwd, ".sluice", "vault"));
});

test("with no file at all the built-in default holds", async () => {
  const cwd = await mkdtemp(join(tmpdir(), "sluice-config-"));
  const config = await loadConfig({ env: {}, cwd });
  expect(config.configPath).toBeNull();
  expect(config.sources).toHaveLength(1);
});

test("the environment beats the file", async () => {
  const env = {
    SLUICE_REDIS_URL: "redis://elsewhere:1",
    SLUICE_LOG_LEVEL: "debug",
    SLUICE_DATA_DIR: "data",
  };
  const { cwd, config } = await load({ ...good, redis: { url: "redis://file:1" } }, env);
  expect(config.redis.url).toBe("redis://elsewhere:1");
  expect(config.log.level).toBe("debug");
  expect(config.dataDir).toBe(join(cwd, "data"));
});

test("all problems are told at once", async () => {
  const problems = await problemsOf({
    ...good,
    worker: { maxBatchItem: 8, maxFrames: 0 },
    log: { level: "loud" },
  });
  expect(problems).toMatch(
    /worker\.maxBatchItem: unknown setting; did you mean "maxBatchItems"\?/u,
  );
  expect(problems).toMatch(/worker\.maxFrames: .*received 0/u);
  expect(problems).toMatch(/log\.level: .*received "loud"/u);
});

const gate = good.policies.default;
const source = good.sources[0];
describe("contradictory settings are named together", () => {
  test.each<[string, Settings, RegExp]>([
    [
      "an unknown root",
      { sources: [{ ...source, root: "upload" }] },
      /no root named "upload"; did you mean "uploads"/u,
    ],
    [
      "an unknown policy",
      { sources: [{ ...source, policy: "strict" }] },
      /no policy named "strict"/u,
    ],
    [
      "an unknown ensemble",
      { sources: [{ ...source, ensemble: "big" }] },
      /no ensemble named "big"/u,
    ],
    [
      "two sources on one root",
      { sources: [source, { ...source, name: "again" }] },
      /two sources watch root "uploads"/u,
    ],
    [
      "two sources of one name",
      { sources: [source, { ...source, root: "published" }] },
      /"uploads" is used twice/u,
    ],
    [
      "a gate with no published place",
      { policies: { default: { ...gate, publishTo: undefined } } },
      /policies\.default\.publishTo/u,
    ],
    [
      "a gate onto itself",
      { policies: { default: { ...gate, publishTo: "uploads" } } },
      /a gate needs two places/u,
    ],
    [
      "a sweep that publishes",
      { policies: { default: { ...gate, mode: "sweep" } } },
      /policies\.default\.publishTo: unknown setting/u,
    ],
    [
      "folders inside one another",
      { roots: { uploads: { folder: "in" }, published: { folder: "in/out" } } },
      /inside one another/u,
    ],
    [
      "a vault inside a root",
      { moderation: { vault: "in/vault" } },
      /roots\.uploads\.folder and moderation\.vault/u,
    ],
    [
      "review above quarantine",
      {
        policies: {
          default: { ...gate, forbidden: [{ label: "x", quarantine: 0.2, review: 0.5 }] },
        },
      },
      /review to be at most quarantine/u,
    ],
    [
      "a rule with no threshold",
      { policies: { default: { ...gate, forbidden: [{ label: "x" }] } } },
      /at least one threshold/u,
    ],
    [
      "a rule with label and class id",
      { policies: { default: { ...gate, forbidden: [{ label: "x", classId: 1, review: 0.5 }] } } },
      /either label or classId/u,
    ],
    [
      "a threshold below the floor",
      {
        ensembles: { default: { members: [{ model: "m" }], scoreFloor: 0.4 } },
        policies: { default: { ...gate, forbidden: [{ label: "x", review: 0.3 }] } },
      },
      /below 0\.4/u,
    ],
    [
      "a lock shorter than the stalled interval",
      { worker: { lockDurationMs: 2000, stalledIntervalMs: 3000 } },
      /stalledIntervalMs and worker\.lockDurationMs/u,
    ],
  ])("%s", async (_, change, expected) => {
    expect(await problemsOf({ ...good, ...change })).toMatch(expected);
  });
});

test("broken YAML, doubled keys and unknown variables are refused with the place", async () => {
  expect(await problemsOf("version: [1")).toMatch(/not valid YAML/u);
  expect(await problemsOf("version: 1\nversion: 1")).toMatch(/not valid YAML.*unique/u);
  expect(await problemsOf(good, { SLUICE_REDIS: "x" })).toMatch(/SLUICE_REDIS: unknown variable/u);
});

test("a process without a Redis URL says which variable is missing", async () => {
  const { config } = await load(good);
  expect(() => requireRedisUrl(config)).toThrow(/SLUICE_REDIS_URL: not set/u);
});
