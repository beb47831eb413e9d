import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findModelCard, generatePictures } from "@sluice/demo-models";
import { openToolSession } from "@sluice/inference-onnx";
import { deriveProductionGraph, readModelDirectory, type VariantReport } from "@sluice/models";
import { beforeAll, describe, expect, test } from "vitest";
import { runSluice } from "../../testing/run-sluice.ts";

/** A share of 0.98 allows one picture. */
const HELD_OUT = 50;
const CALIBRATION = 24;

let folder: string;
let pictures: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-variants-"));
  pictures = join(folder, "pictures");
  await generatePictures({ folder: pictures, seed: 11, count: HELD_OUT + CALIBRATION });
}, 60_000);

const sluice = async (args: readonly string[]) => await runSluice(args, folder);

type Demo = Parameters<typeof findModelCard>[0];

async function build(model: Demo, out: string, more: readonly string[]) {
  const counts = [`--held-out=${HELD_OUT}`, `--calibration-pictures=${CALIBRATION}`];
  const card = ["--card", findModelCard(model), "--out", out];
  return await sluice(["models", "build", ...card, "--pictures", pictures, ...counts, ...more]);
}

describe.each([
  ["squeezenet1_1", 26],
  ["googlenet", 57],
] as const)("%s in fewer bits", (model, convolutions) => {
  let reports: readonly VariantReport[];
  beforeAll(async () => {
    const { stdout } = await build(model, model, ["--fp16", "--int8", "--json"]);
    reports = JSON.parse(stdout).variants;
  }, 300_000);

  test("int8 runs on integers throughout and decides as the float model does", () => {
    const report = reports.find(({ variant }) => variant === "int8")!;
    expect(report.floatLayers).toEqual([]);
    expect(report.operators).toMatchObject({ QLinearConv: convolutions });
    expect(report.operators!["Conv"]).toBeUndefined();
    expect(report.agreement.top1Agreement).toBeGreaterThanOrEqual(0.98);
    expect(report.agreement.pictures).toBe(HELD_OUT);
    expect(report.bytes / report.float.bytes).toBeLessThan(0.35);
  });

  test("fp16 has half the size and next to no error", () => {
    const report = reports.find(({ variant }) => variant === "fp16")!;
    expect(report.agreement).toMatchObject({ top1Agreement: 1, decisionsChanged: 0 });
    expect(report.agreement.largestLogitError).toBeLessThan(0.1);
    expect(report.bytes / report.float.bytes).toBeCloseTo(0.5, 1);
  });

  test("the reports lie beside the files and say how they were made", async () => {
    const onnx = join(folder, model, "onnx");
    expect((await readdir(onnx)).toSorted()).toEqual([
      "model.onnx",
      "model_fp16.onnx",
      "model_fp16.report.json",
      "model_quantized.onnx",
      "model_quantized.report.json",
    ]);
    const int8 = JSON.parse(await readFile(join(onnx, "model_quantized.report.json"), "utf8"));
    expect(int8).toEqual(reports.find(({ variant }) => variant === "int8"));
    expect(int8).toMatchObject({
      version: 1,
      file: "onnx/model_quantized.onnx",
      calibration: { pictures: CALIBRATION, weightBits: 7 },
      heldOut: { pictures: HELD_OUT },
      speed: { batch: 8, ratio: expect.any(Number) },
      runtime: expect.stringMatching(/^onnxruntime-node 1\.\d+/u),
    });
    expect(int8.calibration.digest).not.toBe(int8.heldOut.digest);
  });

  test("the production graph can be derived from each, and gives probabilities", async () => {
    const directory = await readModelDirectory(join(folder, model));
    for (const name of ["model_fp16.onnx", "model_quantized.onnx"]) {
      const onnxPath = join(folder, model, "onnx", name);
      const graph = await deriveProductionGraph({ ...directory, onnxPath });
      await using session = await openToolSession(graph);
      const { cropHeight, cropWidth } = directory.preprocessing;
      const data = new Uint8Array(2 * cropHeight * cropWidth * 3).fill(128);
      const outputs = await session.run({ data, shape: [2, cropHeight, cropWidth, 3] });
      const { data: probabilities, shape } = outputs.get("probabilities")!;
      expect(shape).toEqual([2, directory.labels.length]);
      const first = probabilities.slice(0, directory.labels.length);
      expect(first.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4);
    }
  });
});

test("the same weights and pictures give the same bytes, and a table for people", async () => {
  const { code, stdout } = await build("squeezenet1_1", "again", ["--fp16", "--int8"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^variant +size +same top-1/mu);
  expect(stdout).toMatch(/^int8 +0\.8 MB +\d+\.\d %.*model_quantized\.onnx$/mu);
  for (const name of ["model_fp16.onnx", "model_quantized.onnx"]) {
    const [first, second] = await Promise.all(
      ["squeezenet1_1", "again"].map((out) => readFile(join(folder, out, "onnx", name))),
    );
    expect(first!.equals(second!)).toBe(true);
  }
}, 120_000);

describe("nothing is left behind when", () => {
  test.each([
    [2, ["--int8"], /give --pictures <folder>/u],
    [2, ["--pictures", "pictures"], /--fp16 and --int8 are compared/u],
    [
      2,
      ["--int8", "--pictures", "x", "--calibration", "guess"],
      /Allowed choices are auto, minmax/u,
    ],
    [2, ["--int8", "--pictures", "x", "--weight-bits", "4"], /expected 7 or 8/u],
    [78, ["--int8", "--pictures", "nowhere"], /nowhere cannot be listed/u],
    [78, ["--int8", "--pictures", "pictures"], /holds 74 different pictures/u],
  ])("it ends with %i: %j", async (expected, options, message) => {
    const card = findModelCard("squeezenet1_1");
    const { code, stderr } = await sluice([
      "models",
      "build",
      "--card",
      card,
      "--out",
      "bad",
      ...options,
    ]);
    expect(stderr).toMatch(message);
    expect(code).toBe(expected);
    expect((await readdir(folder)).filter((name) => name.startsWith("bad"))).toEqual([]);
  });
});
