import { afterEach, describe, expect, test, vi } from "vitest";
import { EngineStartError, EnsembleChangedError } from "./errors.ts";
import { Supervised } from "./testing/supervise.ts";

afterEach(() => vi.unstubAllEnvs());

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`);
}

async function start(
  options: ConstructorParameters<typeof Supervised>[0] = {},
): Promise<Supervised> {
  const supervised = new Supervised(options);
  await supervised.start();
  return supervised;
}

describe("an image that brings the engine down costs only itself", () => {
  test("by a crash: it is named after two deaths alone, and all others have their outcomes", async () => {
    await using supervised = await start();
    const all = [...names("a", 9), "crash-me", ...names("b", 10)];
    const outcomes = await supervised.classify(all);
    const culprit = outcomes.get("crash-me");
    expect(culprit).toMatchObject({ kind: "unscannable", reason: "crashed-engine" });
    outcomes.delete("crash-me");
    expect(outcomes.size).toBe(19);
    expect(
      [...outcomes.values()].filter((o) => !("reason" in o && o.reason === "not-an-image")),
    ).toEqual([]);
    expect(supervised.events.culprits).toEqual(["crash-me"]);
    expect(
      supervised.events.losses.every(
        ({ loss, signal }) => loss === "crashed" && signal === "SIGSEGV",
      ),
    ).toBe(true);
    expect(supervised.events.losses.length).toBeLessThanOrEqual(8);
  }, 60_000);

  test("by a hang: the watchdog ends the engine, and the image is named a timeout", async () => {
    await using supervised = await start({ watchdogMs: 700 });
    const outcomes = await supervised.classify(["a", "b", "hang", "c"]);
    expect(outcomes.get("hang")).toMatchObject({ kind: "unscannable", reason: "timeout" });
    for (const name of ["a", "b", "c"]) {
      expect(outcomes.get(name)).toMatchObject({ reason: "not-an-image" });
    }
    expect(supervised.events.culprits).toEqual(["hang"]);
    expect(new Set(supervised.events.losses.map(({ loss }) => loss))).toEqual(new Set(["hung"]));
  }, 60_000);

  test("by native code that does not come back: the engine accuses it, and its neighbours are not taken apart", async () => {
    await using supervised = await start();
    const outcomes = await supervised.classify([...names("a", 15), "stuck", ...names("b", 16)]);
    expect(outcomes.get("stuck")).toMatchObject({ kind: "unscannable", reason: "timeout" });
    expect(outcomes.size).toBe(32);
    expect(supervised.events.culprits).toEqual(["stuck"]);
    expect(supervised.events.losses).toHaveLength(3);
  }, 60_000);

  test("new images wait while it is hunted, and are classified afterwards", async () => {
    await using supervised = await start();
    const first = supervised.classify(["a", "crash", "b"]);
    const second = supervised.classify(names("later", 20));
    expect((await second).size).toBe(20);
    expect((await first).get("crash")).toMatchObject({ reason: "crashed-engine" });
  }, 60_000);
});

test("a busy engine killed from outside again and again: every image has one normal outcome", async () => {
  await using supervised = await start();
  const all = names("slow", 60);
  const { resolve, promise: done } = Promise.withResolvers<void>();
  const outcomes = supervised.classify(all).finally(resolve);
  for (let kills = 0; kills < 3; kills++) {
    const before = supervised.events.enginePids.length;
    const busy = vi.waitUntil(() => supervised.dispatcher.itemsInFlight > 10, { timeout: 20_000 });
    await Promise.race([busy, done]);
    process.kill(supervised.engine.pid!, "SIGKILL");
    await vi.waitUntil(() => supervised.events.enginePids.length > before, { timeout: 20_000 });
  }
  const found = await outcomes;
  expect(found.size).toBe(60);
  expect(
    [...found.values()].filter((o) => !("reason" in o && o.reason === "not-an-image")),
  ).toEqual([]);
  expect(supervised.events.culprits).toEqual([]);
  expect(supervised.events.losses).toHaveLength(3);
}, 60_000);

describe("an engine that does not come up", () => {
  test("because of the configuration ends the worker at once, with the engine's own words and exit code", async () => {
    vi.stubEnv("FIXTURE_ENGINE", "bad-config");
    await using supervised = new Supervised();
    const starting = supervised.start();
    await expect(starting).rejects.toThrow(EngineStartError);
    await expect(starting).rejects.toMatchObject({
      message: "models: expected a directory",
      exitCode: 78,
    });
    expect(supervised.events.losses).toHaveLength(1);
  });

  test("for other reasons is tried again, so many times and no more", async () => {
    vi.stubEnv("FIXTURE_ENGINE", "dies-at-start");
    await using supervised = new Supervised({ maxStartAttempts: 2 });
    const starting = supervised.start();
    await expect(starting).rejects.toMatchObject({ name: "EngineStartError", exitCode: 70 });
    expect(supervised.events.losses).toHaveLength(2);
  });
});

test("an engine whose device has run out of memory tells, and goes on", async () => {
  await using supervised = await start();
  expect((await supervised.classify(["a", "limit", "b"])).size).toBe(3);
  expect(supervised.events.limits).toEqual([{ engine: 0, rows: 4 }]);
  expect(supervised.events.losses).toEqual([]);
});

test("a fresh engine with other models ends the worker: outcomes of two ensembles are never mixed", async () => {
  vi.stubEnv("FIXTURE_ENGINE", "changes");
  await using supervised = await start();
  process.kill(supervised.engine.pid!, "SIGKILL");
  await expect(supervised.engine.failed).rejects.toThrow(EnsembleChangedError);
  expect(supervised.engine.isReady).toBe(false);
});

test("stop ends the engine, may be called twice, and nothing is started afterwards", async () => {
  const supervised = await start();
  const pid = supervised.engine.pid!;
  await supervised.engine.stop();
  await supervised.engine.stop();
  expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  expect(supervised.events.losses).toEqual([]);
});
