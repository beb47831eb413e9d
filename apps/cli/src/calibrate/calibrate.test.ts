import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { DEFAULT_VARIANT_LIMITS } from "@sluice/config";
import { findModelCard, generatePictures } from "@sluice/demo-models";
import { buildFromCard } from "@sluice/models";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runSluice } from "../testing/run-sluice.ts";
import { calibrate } from "./calibrate.ts";

/** Two classes; a member is right in `right` of ten pictures and always as sure as `confidence`. */
function outputOf(model: string, right: number, confidence: number) {
  const rows = Array.from({ length: 400 }, (_, row) => {
    const label = row % 2;
    const p = (row >> 1) % 10 < right ? confidence : 1 - confidence;
    return label === 0 ? [p, 1 - p] : [1 - p, p];
  });
  return { model, probabilities: Float64Array.from(rows.flat()) };
}

const labels = Int32Array.from({ length: 400 }, (_, row) => row % 2);
const member = {
  model: "/models/m",
  precision: "float32",
  weight: 1,
  temperature: 1,
  set: null,
} as const;
const common = {
  views: "center" as const,
  frames: "all" as const,
  embeddings: "none",
  scoreFloor: 0.001,
  variantLimits: DEFAULT_VARIANT_LIMITS,
  cascade: null,
};

describe("on pictures that nothing was fitted on", () => {
  const ensemble = { ...common, members: [member, member], fusion: "mean" } as const;
  const members = [outputOf("sure", 8, 0.999), outputOf("guess", 6, 0.999)];
  const result = calibrate({ ensemble, members, labels, classes: 2, heldOut: 0.5, seed: 1 });

  test("members that are too sure are cooled, and the better one counts more", () => {
    const [sure, guess] = result.ensemble.members;
    expect(sure!.temperature).toBeGreaterThan(3);
    expect(guess!.temperature).toBeGreaterThan(sure!.temperature);
    expect(sure!.weight).toBeGreaterThan(guess!.weight);
    expect(result.ensemble.fusion).toBe("weighted");
    expect([result.fittedOn, result.judgedOn]).toEqual([200, 200]);
  });

  test("log loss and calibration error fall, and no answer of a member changes", () => {
    for (const { before, after } of result.comparisons) {
      expect(after.logLoss).toBeLessThan(before.logLoss);
      expect(after.calibrationError).toBeLessThan(before.calibrationError);
    }
    const single = result.comparisons.slice(0, -1);
    expect(single.map(({ after }) => after.accuracy)).toEqual(
      single.map(({ before }) => before.accuracy),
    );
    expect(result.comparisons.map(({ name }) => name)).toEqual(["sure", "guess", "ensemble"]);
  });
});

test("a cascade is left out, as its exits are for the scores before", () => {
  const exit = { stage: 1, label: "a", threshold: 0.5, below: 0.1, above: 0.9 };
  const cascade = { stages: [["sure"], ["guess"]], exits: [exit], agreement: "all" } as const;
  const ensemble = { ...common, members: [member, member], fusion: "mean", cascade } as const;
  const members = [outputOf("sure", 8, 0.999), outputOf("guess", 6, 0.999)];
  const result = calibrate({ ensemble, members, labels, classes: 2, heldOut: 0.5, seed: 1 });
  expect(result.ensemble.cascade).toBeNull();
});

test("a fusion that ignores weights keeps them", () => {
  const ensemble = { ...common, members: [member], fusion: "max" } as const;
  const members = [outputOf("m", 8, 0.9)];
  const result = calibrate({ ensemble, members, labels, classes: 2, heldOut: 0.5, seed: 1 });
  expect(result.ensemble).toMatchObject({ fusion: "max", members: [{ weight: 1 }] });
});

describe("the command", () => {
  let cwd = "";
  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), "sluice-calibrate-"));
    await buildFromCard(findModelCard("squeezenet1_1"), join(cwd, "squeezenet"));
    const drawn = await generatePictures({ folder: join(cwd, "drawn"), seed: 77, count: 48 });
    for (const { kind, name } of drawn) {
      await mkdir(join(cwd, "data", kind), { recursive: true });
      await cp(join(cwd, "drawn", name), join(cwd, "data", kind, basename(name)));
    }
  });
  afterAll(async () => await rm(cwd, { recursive: true }));
  const calibrateHere = async (...args: string[]) =>
    await runSluice(["ensemble", "calibrate", "--model", "squeezenet", ...args], cwd);

  test("writes an ensemble file that the other commands read", async () => {
    await writeFile(join(cwd, "data", "fish", "broken.jpg"), "no picture");
    const { code, stdout, stderr } = await calibrateHere("--data", "data", "--out", "site.yaml");
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/left out \S+broken\.jpg: not-an-image/u),
    ]);
    expect(stdout).toMatch(/^fitted on 24 pictures, judged on 24 others$/mu);
    expect(await readFile(join(cwd, "site.yaml"), "utf8")).toContain('"model": "squeezenet"');
    const picture = join("drawn", "fish-00000.jpg");
    const classified = await runSluice(["classify", picture, "--ensemble", "site.yaml"], cwd);
    expect([classified.code, classified.stdout]).toEqual([0, expect.stringMatching(/ fish$/mu)]);
  });

  test("says what a member with precision: auto was fitted on, and leaves it auto", async () => {
    const members = [{ model: "squeezenet", precision: "auto" }];
    await writeFile(join(cwd, "auto.yaml"), JSON.stringify({ members }));
    const args = ["ensemble", "calibrate", "--ensemble", "auto.yaml", "--data", "data"];
    const { code, stderr } = await runSluice([...args, "--out", "fitted.yaml"], cwd);
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/^squeezenet: float32 \(int8 is not taken: there is no onnx/mu),
    ]);
    expect(await readFile(join(cwd, "fitted.yaml"), "utf8")).toContain('"precision": "auto"');
  });

  test.each([
    ["labels that the model does not know", "other", /does not know unicorn/u],
    ["too few pictures", "few", /expected pictures of two labels or more/u],
  ])("%s are refused", async (_, folder, message) => {
    await mkdir(join(cwd, "other", "unicorn"), { recursive: true });
    await mkdir(join(cwd, "few", "fish"), { recursive: true });
    await cp(join(cwd, "drawn", "fish-00000.jpg"), join(cwd, "few", "fish", "a.jpg"));
    const { code, stderr } = await calibrateHere("--data", folder);
    expect([code, stderr]).toEqual([78, expect.stringMatching(message)]);
  });
});
