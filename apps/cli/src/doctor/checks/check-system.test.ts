import { expect, test } from "vitest";
import { checkSystem, readSystemFacts, type SystemFacts } from "./check-system.ts";

const GOOD: SystemFacts = {
  nodeVersion: "24.21.0",
  processor: {
    model: "Xeon",
    features: ["avx", "avx2", "avx512_vnni", "avx512f"],
    hasExactByteProducts: true,
  },
  limits: "Max open files            524288               524288               files     \n",
  maxWatches: 65_536,
  maxInstances: 128,
};

const bare = (features: readonly string[]) => ({
  model: "Old",
  features,
  hasExactByteProducts: false,
});

const stateOf = (facts: Partial<SystemFacts>, what: string) =>
  checkSystem({ ...GOOD, ...facts }).find((finding) => finding.what === what)!;

test("a good machine has nothing to complain about", () => {
  expect(checkSystem(GOOD).map(({ state }) => state)).toEqual(["ok", "ok", "ok", "ok"]);
  expect(stateOf({}, "CPU").found).toBe("Xeon; AVX-512 VNNI, AVX-512, AVX2; int8 members pay off");
});

test("a machine that tells nothing is not blamed for it", () => {
  const silent = { processor: bare([]), limits: null, maxWatches: null, maxInstances: null };
  expect(checkSystem({ ...GOOD, ...silent }).every(({ state }) => state === "ok")).toBe(true);
});

test("an old Node is broken, and the launcher is the remedy", () => {
  expect(stateOf({ nodeVersion: "22.11.0" }, "Node.js")).toMatchObject({
    state: "broken",
    remedy: expect.stringContaining("bin/sluice"),
  });
});

test.each<[string, Partial<SystemFacts>, string]>([
  ["a CPU without AVX2", { processor: bare(["avx"]) }, "CPU"],
  [
    "few open files",
    { limits: "Max open files            1024      4096      files\n" },
    "open files",
  ],
  ["few inotify watches", { maxWatches: 8192 }, "inotify"],
])("%s: a warning with a remedy", (_, facts, what) => {
  expect(stateOf(facts, what)).toMatchObject({ state: "warning", remedy: expect.any(String) });
});

test("a CPU without VNNI is told that int8 gains little", () => {
  expect(stateOf({ processor: bare(["avx", "avx2"]) }, "CPU").found).toContain(
    "gain little without VNNI",
  );
});

test("this machine can be read", async () => {
  expect(checkSystem(await readSystemFacts())).toHaveLength(4);
});
