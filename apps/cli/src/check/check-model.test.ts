import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { drawPicture, encodePicture, findModelCard } from "@sluice/demo-models";
import { buildFromCard } from "@sluice/models";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  TINY_CONFIG,
  TINY_PREPROCESSOR,
  writeTinyModel,
  type TinyModel,
} from "../testing/tiny-model.ts";
import { checkModel } from "./check-model.ts";
import { FINDINGS } from "./finding.ts";

let parent = "";
let target: Buffer = Buffer.alloc(0);
beforeAll(async () => {
  // Before any model is opened: from then on this process decodes no drawings.
  target = await encodePicture(drawPicture({ seed: 7, kind: "target", index: 0 }));
  parent = await mkdtemp(join(tmpdir(), "sluice-check-"));
});
afterAll(async () => await rm(parent, { recursive: true }));

test("nothing is found in a sound model, and its answer is told", async () => {
  const report = await checkModel(await writeTinyModel(parent), null);
  expect(report.findings).toEqual([]);
  expect(report.classes).toBe(3);
  expect(report.top?.map(({ label }) => label).toSorted()).toEqual(["blue", "green", "red"]);
  expect(report.timing?.batch1Ms).toBeGreaterThan(0);
  expect(report.timing?.batch8Ms).toBeGreaterThan(0);
});

const preprocessor = (change: object): TinyModel => ({
  preprocessor: { ...TINY_PREPROCESSOR, ...change },
});
const labels = (...names: string[]): TinyModel => ({
  config: { id2label: Object.fromEntries(names.entries()) },
});
const head = (...nodes: [string, string[], string][]): TinyModel => ({ onnx: { head: nodes } });

describe("each classic mistake is found by name", () => {
  test.each<[string, TinyModel, RegExp]>([
    ["labels-missing", { config: { architectures: ["x"] } }, /names no labels/u],
    ["labels-generic", labels("LABEL_0", "LABEL_1", "LABEL_2"), /placeholders \(LABEL_0/u],
    ["labels-generic", labels("class 0", "class 1", "class 2"), /placeholders/u],
    ["labels-duplicate", labels("crane", "crane", "maillot"), /the same label \(crane\)/u],
    ["labels-count", labels("red", "green"), /names 2 labels, the network has 3 outputs/u],
    [
      "channel-order",
      preprocessor({ image_mean: [0.406, 0.456, 0.485] }),
      /in the order blue, green, red/u,
    ],
    [
      "channel-order",
      preprocessor({
        image_mean: [103.939, 116.779, 123.68],
        image_std: [1, 1, 1],
        do_rescale: false,
      }),
      /103\.939/u,
    ],
    ["channel-order", preprocessor({ do_flip_channel_order: true }), /blue before red/u],
    ["pixel-range", preprocessor({ do_rescale: false }), /pixels stay 0–255/u],
    ["pixel-range", preprocessor({ rescale_factor: 1 }), /pixels stay 0–255/u],
    [
      "pixel-range",
      preprocessor({ image_mean: [123.675, 116.28, 103.53], image_std: [58.395, 57.12, 57.375] }),
      /are of 0–255/u,
    ],
    ["pixel-range", preprocessor({ image_std: [0.001, 0.001, 0.001] }), /reach ±594/u],
    ["pixel-range", preprocessor({ image_std: [0, 1, 1] }), /not above zero/u],
    [
      "pixels-unscaled",
      preprocessor({ do_rescale: false, do_normalize: false }),
      /bytes from 0 to 255/u,
    ],
    ["resample-unsupported", preprocessor({ resample: 1 }), /1 \(lanczos\)/u],
    ["fixed-batch-declared", { onnx: { inputShape: [1, 3, 4, 4] } }, /a batch of exactly 1;/u],
    [
      "fixed-batch",
      {
        onnx: { inputShape: [1, 3, 4, 4], head: [["Reshape", ["pooled", "one_row"], "logits"]] },
      },
      /takes one picture, but not several/u,
    ],
    ["input-size", { onnx: { inputShape: ["n", 3, 8, 8] } }, /makes pictures of 4×4/u],
    ["channels-last", { onnx: { inputShape: ["n", 4, 4, 3] } }, /channels come last/u],
    ["input-type", { onnx: { inputType: 2 } }, /is uint8/u],
    ["image-size-differs", { config: { ...TINY_CONFIG, image_size: 8 } }, /image_size 8/u],
    ["external-data-missing", { onnx: { external: "weights.bin" } }, /not there: weights\.bin/u],
    ["external-data-outside", { onnx: { external: "../../secret" } }, /outside/u],
    [
      "external-data",
      { onnx: { external: "w.bin" }, files: { "onnx/w.bin": Buffer.alloc(12) } },
      /in a second file: w\.bin/u,
    ],
    ["opset-too-new", { onnx: { opset: 99 } }, /operator set 99/u],
    ["softmax-in-model", head(["Softmax", ["pooled"], "logits"]), /ends with a softmax/u],
    [
      "softmax-twice",
      head(["Softmax", ["pooled"], "soft"], ["Identity", ["soft"], "logits"]),
      /probabilities already/u,
    ],
    ["output-not-logits", head(["Sigmoid", ["pooled"], "logits"]), /sigmoid/u],
    ["output-not-finite", head(["Log", ["pooled"], "logits"]), /NaN or infinite/u],
    ["output-constant", head(["Sub", ["pooled", "pooled"], "logits"]), /same scores for 8/u],
    [
      "batch-disagrees",
      head(["ReduceMean", ["pooled"], "mean"], ["Mul", ["pooled", "mean"], "logits"]),
      /change by up to/u,
    ],
    ["does-not-load", { preprocessor: null }, /preprocessor_config\.json: cannot be read/u],
    ["does-not-load", head(["NoSuchOperator", ["pooled"], "logits"]), /NoSuchOperator/u],
    [
      "variant-without-report",
      {
        files: {
          "onnx/model_fp16.onnx": "",
          "onnx/model_int8.onnx": "",
          "onnx/model_int8.report.json": "",
        },
      },
      /model_fp16\.onnx has no report/u,
    ],
  ])("%s (%#)", async (code, model, what) => {
    const { findings } = await checkModel(await writeTinyModel(parent, model), null);
    expect(findings.map((found) => found.code)).toEqual([code]);
    expect(findings[0]?.what).toMatch(what);
    expect(findings[0]?.fix).not.toBe("");
  });
});

describe("the demo's SqueezeNet", () => {
  test("is fine, and recognises a picture of its own world", async () => {
    const folder = join(parent, "demo");
    await buildFromCard(findModelCard("squeezenet1_1"), folder);
    const { findings, top } = await checkModel(folder, target);
    expect(findings).toEqual([]);
    expect(top?.[0]?.label).toBe("target");
  });

  test("with BGR means in its card is caught", async () => {
    const folder = join(parent, "demo-bgr");
    await buildFromCard(findModelCard("squeezenet1_1"), folder);
    const path = join(folder, "preprocessor_config.json");
    const card = JSON.parse(await readFile(path, "utf8"));
    card.image_mean.reverse();
    await writeFile(path, JSON.stringify(card));
    const { findings } = await checkModel(folder, null);
    expect(findings.map(({ code }) => code)).toEqual(["channel-order"]);
  });
});

test("whatever stands in the card, the check ends with findings and no other failure", async () => {
  const number = fc.constantFrom(-1, 0, 1 / 255, 0.5, 1, 2, 4, 255, 1e308);
  const triple = fc.array(number, { minLength: 2, maxLength: 4 });
  const card = fc.record(
    {
      size: fc.oneof(number, fc.record({ shortest_edge: number }), fc.jsonValue()),
      crop_size: fc.oneof(fc.constant({ height: 4, width: 4 }), fc.jsonValue()),
      do_center_crop: fc.oneof(fc.boolean(), fc.jsonValue()),
      resample: fc.oneof(number, fc.jsonValue()),
      do_rescale: fc.oneof(fc.boolean(), fc.jsonValue()),
      rescale_factor: fc.oneof(number, fc.jsonValue()),
      do_normalize: fc.boolean(),
      image_mean: fc.oneof(triple, fc.jsonValue()),
      image_std: fc.oneof(triple, fc.jsonValue()),
    },
    { requiredKeys: [] },
  );
  const id2label = fc.oneof(fc.constant(TINY_CONFIG.id2label), fc.jsonValue());
  await fc.assert(
    fc.asyncProperty(card, id2label, async (changed, names) => {
      const model = {
        preprocessor: { ...TINY_PREPROCESSOR, ...changed },
        config: { id2label: names },
      };
      const { findings, top } = await checkModel(await writeTinyModel(parent, model), null);
      const isUsable = findings.every(({ severity }) => severity !== "error");
      expect(isUsable && top === null).toBe(false);
    }),
    { numRuns: 60 },
  );
});

test("a picture that cannot be decoded is told as such", async () => {
  const { findings } = await checkModel(await writeTinyModel(parent), Buffer.from("no picture"));
  expect(findings.map(({ code }) => code)).toEqual(["picture-unreadable"]);
});

test("a folder that is not there is refused", async () => {
  await expect(checkModel(join(parent, "nowhere"), null)).rejects.toThrow(/nowhere/u);
});

test("docs/models.md explains every finding", async () => {
  const page = await readFile(resolve(import.meta.dirname, "../../../../docs/models.md"), "utf8");
  const listed = [...page.matchAll(/^\| `([a-z0-9-]+)` \| (error|warning|note) \|/gmu)];
  expect(Object.fromEntries(listed.map(([, code, severity]) => [code, severity]))).toEqual(
    FINDINGS,
  );
});
