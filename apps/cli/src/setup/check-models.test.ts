import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { DEFAULT_VARIANT_LIMITS, type CascadeConfig, type EnsembleConfig } from "@sluice/config";
import { ensembleNameSchema } from "@sluice/contracts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeTinyModel } from "../testing/tiny-model.ts";
import { checkModels } from "./check-models.ts";

const name = ensembleNameSchema.parse("default");
let parent = "";
let models: string[] = [];
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), "sluice-check-models-"));
  models = [await writeTinyModel(parent), await writeTinyModel(parent)];
});
afterAll(async () => await rm(parent, { recursive: true }));

function withCascade(change: (names: readonly string[]) => Partial<CascadeConfig>): EnsembleConfig {
  const names = models.map((model) => basename(model));
  const exit = { stage: 1, label: "red", threshold: 0.5, below: 0.1, above: 0.9 };
  const sound = { stages: names.map((one) => [one]), exits: [exit], agreement: "all" } as const;
  return {
    members: models.map((model) => {
      return { model, precision: "float32", weight: 1, temperature: 1, set: null };
    }),
    fusion: "mean",
    views: "center",
    frames: "all",
    embeddings: "none",
    scoreFloor: 0.001,
    variantLimits: DEFAULT_VARIANT_LIMITS,
    cascade: { ...sound, ...change(names) },
  };
}

const problemsOf = async (ensemble: EnsembleConfig) =>
  (await checkModels(new Map([[name, ensemble]]))).problems;

test("a cascade that fits its members is no problem", async () => {
  expect(await problemsOf(withCascade(() => ({})))).toEqual([]);
});

test("a cascade that does not fit its members is told before anything starts, by the setting's name", async () => {
  const exit = { stage: 1, label: "purple", threshold: 0.5, below: 0.1, above: 0.9 };
  expect(await problemsOf(withCascade(() => ({ exits: [exit] })))).toEqual([
    'ensembles.default.cascade.exits: no member knows the label "purple"; known are red, green, blue',
  ]);
  const [problem] = await problemsOf(withCascade(([first = ""]) => ({ stages: [[first], ["x"]] })));
  expect(problem).toMatch(
    /^ensembles\.default\.cascade\.stages: no member is called x; expected /u,
  );
});
