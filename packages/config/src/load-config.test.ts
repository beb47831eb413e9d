import { mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { policyNameSchema, rootNameSchema } from "@sluice/contracts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { folderRoots } from "./folder-roots.ts";
import { loadConfig, requireRedisUrl } from "./load-config.ts";
import { load, problemsOf, site, type Settings } from "./testing/site.ts";

const root = (name: string) => rootNameSchema.parse(name);

describe("a good configuration", () => {
  test("needs only what is particular to a site; the rest has defaults, paths become absolute", async () => {
    const { cwd, config } = await load(site());
    expect(config.configPath).toBe(join(cwd, "sluice.yaml"));
    expect(folderRoots(config.roots).get(root("uploads"))).toBe(join(cwd, "in"));
    expect(config.policies.get(policyNameSchema.parse("default"))).toMatchObject({
      damaged: "review",
      unseenFrames: "review",
      unscannable: { default: "review" },
    });
    expect(config.worker.lockDurationMs).toBe(8000);
    expect(config.moderation.vaultDir).toBe(join(cwd, ".sluice", "vault"));
    expect(config.ingest.journalPath).toBe(join(cwd, ".sluice", "ingest", "journal.sqlite"));
  });

  test("is built in when there is no file at all", async () => {
    const cwd = await mkdtemp(join(tmpdir(), "sluice-config-"));
    const config = await loadConfig({ env: {}, cwd });
    expect(config.configPath).toBeNull();
    expect(config.sources).toHaveLength(1);
    expect(await readdir(cwd)).toEqual([]);
  });

  test("that is built in looks for the demo models where they are built: in the data folder", async () => {
    const cwd = await mkdtemp(join(tmpdir(), "sluice-config-"));
    const { dataDir, ensembles } = await loadConfig({ env: { SLUICE_DATA_DIR: "data" }, cwd });
    expect(dataDir).toBe(join(cwd, "data"));
    const models = [...ensembles.values()].flatMap(({ members }) => members.map((m) => m.model));
    expect(models[0]).toBe(join(cwd, "data", "models", "squeezenet1_1"));
  });

  test("may be named by SLUICE_CONFIG; paths in it begin at its folder", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sluice-config-"));
    await writeFile(join(folder, "other.yaml"), JSON.stringify(site()));
    const env = { SLUICE_CONFIG: join(folder, "other.yaml") };
    const config = await loadConfig({ env, cwd: tmpdir() });
    expect(folderRoots(config.roots).get(root("published"))).toBe(join(folder, "out"));
  });

  test("without a Redis URL makes a process say which variable is missing", async () => {
    const { config } = await load(site());
    expect(config.redis.url).toBeNull();
    expect(() => requireRedisUrl(config)).toThrow(/SLUICE_REDIS_URL: not set/u);
  });
});

/** Mistakes that have nothing to do with one another, each with what must be said about it. */
const MISTAKES: readonly (readonly [(settings: Settings) => void, RegExp])[] = [
  [(s) => Object.assign(s, { worker: { maxFrames: 0 } }), /^worker\.maxFrames: .*received 0/mu],
  [(s) => Object.assign(s, { log: { level: "loud" } }), /^log\.level: .*received "loud"/mu],
  [(s) => Object.assign(s, { http: { hots: "::" } }), /^http\.hots: .*did you mean "host"/mu],
  [(s) => Object.assign(s, { moderation: 5 }), /^moderation: expected settings/mu],
  [(s) => Object.assign(s, { version: 2 }), /^version: expected 1/mu],
  [(s) => delete s["ensembles"], /^ensembles: is missing/mu],
  [(s) => Object.assign(s, { rootz: {} }), /^rootz: unknown setting; did you mean "roots"/mu],
  [(s) => Object.assign(s, { sources: [] }), /^sources: expected at least 1 entries/mu],
  [(s) => Object.assign(s, { redis: { prefix: "a b" } }), /^redis\.prefix: .*received "a b"/mu],
  [(s) => Object.assign(s, { ingest: { settleMs: 1 } }), /^ingest\.settleMs: .*sources\./mu],
];

test("however many mistakes there are, every one is told at once", async () => {
  const someMistakes = fc.subarray([...MISTAKES], { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(someMistakes, fc.boolean(), async (mistakes, isEnvironmentWrong) => {
      const settings = site();
      for (const [spoil] of mistakes) spoil(settings);
      const problems = await problemsOf(settings, isEnvironmentWrong ? { SLUICE_LOG: "x" } : {});
      for (const [, expected] of mistakes) expect(problems.join("\n")).toMatch(expected);
      expect(problems).toHaveLength(mistakes.length + (isEnvironmentWrong ? 1 : 0));
    }),
    { numRuns: 40 },
  );
});
