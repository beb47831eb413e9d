import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256Schema } from "@sluice/contracts";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ModelDirectory } from "../directory/read-directory.ts";
import { ModelError } from "../model-error.ts";
import { tinyClassifier, type TinyClassifier } from "../testing/tiny-classifier.ts";
import { encodeTensor, encodeValueInfo, FLOAT, FLOAT16, UINT8, type Node } from "./messages.ts";
import { deriveProductionGraph } from "./production-graph.ts";
import { bytesField, textField, varintField } from "./wire.ts";

process.env["ORT_DISABLE_TELEMETRY"] = "1";
const ort = await import("onnxruntime-node");

let folder = "";
let model: ModelDirectory;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-production-"));
  model = {
    folder,
    onnxPath: join(folder, "model.onnx"),
    labels: ["red", "green", "blue"],
    preprocessing: {
      fit: "stretch",
      resize: 4,
      cropHeight: 4,
      cropWidth: 4,
      interpolation: "bilinear",
      rescale: 1 / 255,
      mean: [0.5, 0.25, 0],
      std: [0.5, 0.25, 1],
    },
    digest: sha256Schema.parse("0".repeat(64)),
  };
});
afterAll(async () => await rm(folder, { recursive: true }));

async function derive(change: Partial<TinyClassifier>): Promise<Buffer> {
  await writeFile(model.onnxPath, tinyClassifier(change));
  return await deriveProductionGraph(model);
}

/** Two pictures, red 255 and blue 51 everywhere: (1, -1, 0) and (-1, -1, 0.2) after normalisation. */
async function classify(graph: Buffer): Promise<number[][]> {
  const session = await ort.InferenceSession.create(graph);
  const pixels = Uint8Array.from({ length: 96 }, (_, i) =>
    i < 48 ? (i % 3 === 0 ? 255 : 0) : i % 3 === 2 ? 51 : 0,
  );
  const outputs = await session.run({ pixels: new ort.Tensor("uint8", pixels, [2, 4, 4, 3]) }, [
    "probabilities",
  ]);
  await session.release();
  const data = [...(outputs["probabilities"]!.data as Float32Array)];
  return [data.slice(0, 3), data.slice(3)];
}

function softmax(scores: readonly number[]): number[] {
  const powers = scores.map(Math.exp);
  return powers.map((power) => power / powers.reduce((a, b) => a + b));
}

const expected = [softmax([1, -1, 0]), softmax([-1, -1, 0.2])];
const softmaxHead = (to: string): TinyClassifier["head"] => [
  { operator: "Softmax", inputs: ["pooled"], outputs: [to], attributes: { axis: 1 } },
];

describe("a classifier of any exporter takes bytes and gives probabilities", () => {
  test.each<[string, Partial<TinyClassifier>, digits: number]>([
    ["in the usual layout", {}, 6],
    ["with other names", { input: "data", output: "fc_out" }, 6],
    ["with a fixed batch", { inputShape: [1, 3, 4, 4] }, 6],
    ["without declared sizes", { inputShape: ["n", "c", "h", "w"] }, 6],
    ["with a softmax of its own", { output: "scores", head: softmaxHead("scores") }, 6],
    [
      "that calls its softmax probabilities",
      { output: "probabilities", head: softmaxHead("probabilities") },
      6,
    ],
    // The last of several fields counts: an older IR version, in which initializers had to be listed as inputs.
    ["of an old exporter", { moreModel: [varintField(1, 3)] }, 6],
    ["in half precision", { inputType: FLOAT16, outputType: FLOAT16 }, 2],
  ])("%s", async (_, change, digits) => {
    const actual = await classify(await derive(change));
    for (const [i, row] of expected.entries())
      for (const [c, value] of row.entries()) expect(actual[i]![c]).toBeCloseTo(value, digits);
  });

  test("what is not known here stays as it is", async () => {
    const unknown = Buffer.concat(
      bytesField(14, [textField(1, "author"), textField(2, "someone")]),
    );
    const graph = await derive({ moreModel: [unknown], moreGraph: bytesField(999, [unknown]) });
    expect(graph.indexOf(unknown)).not.toBe(graph.lastIndexOf(unknown));
    expect(graph.indexOf(unknown)).toBeGreaterThan(0);
  });
});

describe("a model that would fail or answer wrongly is refused by file and reason", () => {
  const external = encodeTensor({ name: "w", type: 1, shape: [1], data: new Uint8Array(4) });
  test.each<[string, Partial<TinyClassifier>, RegExp]>([
    ["with another number of classes", { outputShape: ["n", 1000] }, /\[any, 1000\].*3 labels/u],
    ["of channels last", { inputShape: ["n", 4, 4, 3] }, /channels first/u],
    ["of another input size", { inputShape: ["n", 3, 8, 8] }, /\[any, 3, 4, 4\]/u],
    ["that wants bytes", { inputType: UINT8 }, /not of float32 or float16/u],
    ["that calls another value pixels", { input: "pixels" }, /value named pixels/u],
    ["that calls raw scores probabilities", { output: "probabilities" }, /value named prob/u],
    [
      "with weights in a second file",
      { moreGraph: bytesField(5, [...external, varintField(14, 1)]) },
      /external data/u,
    ],
  ])("%s", async (_, change, reason) => {
    await expect(derive(change)).rejects.toThrow(reason);
    await expect(derive(change)).rejects.toThrow(model.onnxPath);
  });

  test("with two inputs, or none, or no output", async () => {
    const [, second] = [0, bytesField(11, [textField(1, "mask")])];
    await expect(derive({ moreGraph: second })).rejects.toThrow(/found pixel_values, mask/u);
    await writeFile(model.onnxPath, Buffer.concat(bytesField(7, [])));
    await expect(deriveProductionGraph(model)).rejects.toThrow(/no output|found none/u);
  });

  test("any change of any byte gives a graph or a ModelError, never anything else", async () => {
    const whole = tinyClassifier();
    const change = fc.record({ at: fc.nat(whole.length - 1), to: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length),
        fc.array(change, { maxLength: 4 }),
        async (cut, changes) => {
          const bytes = Buffer.from(changes.length > 0 ? whole : whole.subarray(0, cut));
          for (const { at, to } of changes) bytes[at] = to;
          await writeFile(model.onnxPath, bytes);
          const outcome = await deriveProductionGraph(model).catch((error: unknown) => error);
          expect(outcome instanceof Buffer || outcome instanceof ModelError).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("embeddings, where they are asked for,", () => {
  const scores: Node = { operator: "Identity", inputs: ["pooled"], outputs: ["logits"] };
  const doubled: Node = { operator: "Add", inputs: ["pooled", "pooled"], outputs: ["embeddings"] };
  const half: Node[] = [
    { operator: "Add", inputs: ["pooled", "pooled"], outputs: ["twice"] },
    { operator: "Cast", inputs: ["twice"], outputs: ["embeddings"], attributes: { to: FLOAT16 } },
  ];
  const output = (type: number) =>
    bytesField(12, encodeValueInfo({ name: "embeddings", type, shape: ["n", 3] }));

  test.each([
    ["float32", { head: [scores, doubled], moreGraph: output(FLOAT) }, 5],
    ["float16", { head: [scores, ...half], moreGraph: output(FLOAT16) }, 3],
  ] as const)("are float32 beside the probabilities, from %s", async (_, change, digits) => {
    await writeFile(model.onnxPath, tinyClassifier(change));
    const graph = await deriveProductionGraph(model, { withEmbeddings: true });
    const session = await ort.InferenceSession.create(graph);
    const pixels = Uint8Array.from({ length: 48 }, (__, i) => (i % 3 === 2 ? 51 : 0));
    const outputs = await session.run({ pixels: new ort.Tensor("uint8", pixels, [1, 4, 4, 3]) }, [
      "probabilities",
      "float_embeddings",
    ]);
    await session.release();
    const embeddings = outputs["float_embeddings"]!.data;
    expect(embeddings).toBeInstanceOf(Float32Array);
    for (const [i, number] of [-2, -2, 0.4].entries()) {
      expect(embeddings[i]).toBeCloseTo(number, digits);
    }
    expect(outputs["probabilities"]!.dims).toEqual([1, 3]);
  });

  test("are refused of a model that has none", async () => {
    await writeFile(model.onnxPath, tinyClassifier());
    await expect(deriveProductionGraph(model, { withEmbeddings: true })).rejects.toThrow(
      /model\.onnx.*gives no embeddings/u,
    );
  });
});
