import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildFromCard } from "./build-from-card.ts";
import { buildModelDirectory } from "./build-model.ts";
import { readModelDirectory } from "./directory/read-directory.ts";
import { ModelError } from "./model-error.ts";
import { deriveProductionGraph } from "./onnx/production-graph.ts";

process.env["ORT_DISABLE_TELEMETRY"] = "1";
const ort = await import("onnxruntime-node");

const weights = join(import.meta.dirname, "../../../infra/demo-models/weights");
const golden: {
  inputs: { shape: [number, number, number, number] };
  logits: Record<string, number[][]>;
} = JSON.parse(await readFile(join(weights, "golden.json"), "utf8"));
const names = Object.keys(golden.logits);
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-models-"));
});
afterAll(async () => await rm(folder, { recursive: true }));

/** The formula that golden.json states; whole numbers only, so that every language gives the same values. */
function goldenInput(): Float32Array {
  const [count, channels, height, width] = golden.inputs.shape;
  const values = new Float32Array(count * channels * height * width);
  let i = 0;
  for (let n = 0; n < count; n++)
    for (let c = 0; c < channels; c++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          const m = (x * (1 + n) + y * (2 + 3 * n) + ((x * y) >> 3) * (n & 3) + 21 * c) % 64;
          values[i++] = Math.abs(m - 32) / 8 - 2;
        }
  return values;
}

function largestError(actual: Float32Array, expected: readonly number[]): number {
  return Math.max(...expected.map((value, i) => Math.abs((actual[i] ?? Number.NaN) - value)));
}

describe.each(names)("the demo's %s", (name) => {
  test("gives PyTorch's logits, with batch norms folded and kept", async () => {
    const card = JSON.parse(await readFile(join(weights, `${name}.json`), "utf8"));
    const expected = golden.logits[name]!.flat();
    const scale = Math.max(...expected.map(Math.abs));
    const input = new ort.Tensor("float32", goldenInput(), golden.inputs.shape);
    for (const keepBatchNorm of [false, true]) {
      const outDir = join(folder, `${name}-${keepBatchNorm}`);
      await buildModelDirectory({
        architecture: card.architecture,
        weightsPath: join(weights, card.weights),
        labels: card.labels,
        image: card.image,
        outDir,
        keepBatchNorm,
      });
      const session = await ort.InferenceSession.create(join(outDir, "onnx/model.onnx"));
      const { logits, embeddings } = await session.run({ pixel_values: input });
      expect(largestError(logits!.data as Float32Array, expected) / scale).toBeLessThan(1e-4);
      expect(embeddings!.dims[0]).toBe(golden.inputs.shape[0]);
      await session.release();
    }
  });

  test("as the engine runs it takes bytes and gives probabilities", async () => {
    const outDir = join(folder, `${name}-production`);
    await buildFromCard(join(weights, `${name}.json`), outDir);
    const model = await readModelDirectory(outDir);
    const production = await ort.InferenceSession.create(await deriveProductionGraph(model));
    const plain = await ort.InferenceSession.create(model.onnxPath);
    const { cropHeight: h, cropWidth: w, mean, std, rescale } = model.preprocessing;
    const bytes = Uint8Array.from({ length: 2 * h * w * 3 }, (_, i) => (i * 7919) % 256);
    const values = new Float32Array(bytes.length);
    for (const [i, byte] of bytes.entries()) {
      const [n, at, c] = [Math.floor(i / (h * w * 3)), Math.floor((i % (h * w * 3)) / 3), i % 3];
      values[(n * 3 + c) * h * w + at] = (byte * rescale - mean[c]!) / std[c]!;
    }
    const a = await production.run({ pixels: new ort.Tensor("uint8", bytes, [2, h, w, 3]) });
    const b = await plain.run({ pixel_values: new ort.Tensor("float32", values, [2, 3, h, w]) });
    expect(
      largestError(a["logits"]!.data as Float32Array, [...(b["logits"]!.data as Float32Array)]),
    ).toBeLessThan(1e-3);
    const probabilities = [...(a["probabilities"]!.data as Float32Array)];
    expect(probabilities.slice(0, model.labels.length).reduce((x, y) => x + y)).toBeCloseTo(1, 5);
    await Promise.all([production.release(), plain.release()]);
  });

  test("is built into the same bytes every time", async () => {
    const read = async (out: string): Promise<string> => {
      await buildFromCard(join(weights, `${name}.json`), join(folder, out));
      return (await readModelDirectory(join(folder, out))).digest;
    };
    expect(await read(`${name}-again`)).toBe(await read(`${name}-once-more`));
  });
});

describe("bad input", () => {
  const [name] = names;
  const cardPath = join(weights, `${name}.json`);
  const build = async (change: object): Promise<void> => {
    const card = { ...JSON.parse(await readFile(cardPath, "utf8")), ...change };
    const path = join(folder, "card.json");
    await writeFile(path, JSON.stringify({ ...card, weights: join(weights, card.weights) }));
    await buildFromCard(path, join(folder, "bad"));
  };

  test.each<[string, object, RegExp]>([
    [
      "an unknown architecture",
      { architecture: "resnet51" },
      /resnet51: there is no architecture.*resnet50/u,
    ],
    ["weights of another content", { sha256: "0".repeat(64) }, /SHA-256 is .*the card says 0000/u],
    [
      "weights of another architecture",
      { architecture: "resnet18" },
      /do not fit.*\n.*missing conv1\.weight \[64, 3, 7, 7\]/u,
    ],
    [
      "another number of classes",
      { labels: ["a", "b"] },
      /classifier\.1\.weight should have the shape \[2, 512, 1, 1\] and has \[8,/u,
    ],
    ["a card without labels", { labels: [] }, /not a model card \(labels/u],
    [
      "pictures too small for the network",
      { image: { resize: 9, crop: 9, interpolation: "bilinear", mean: [0, 0, 0], std: [1, 1, 1] } },
      /cannot take pictures of 9×9: .*too small.*published: 224/u,
    ],
    [
      "a crop larger than the picture",
      { image: { resize: 8, crop: 9, interpolation: "bilinear", mean: [0, 0, 0], std: [1, 1, 1] } },
      /crop must not be larger/u,
    ],
  ])("%s is named, and nothing partial is left", async (_, change, message) => {
    await expect(build(change)).rejects.toThrow(message);
    expect((await readdir(folder)).filter((entry) => entry.startsWith("bad"))).toEqual([]);
  });

  test("an ONNX file that is none is refused when the production graph is derived", async () => {
    const outDir = join(folder, "not-onnx");
    await buildFromCard(cardPath, outDir);
    await writeFile(join(outDir, "onnx/model.onnx"), "hello");
    const model = await readModelDirectory(outDir);
    await expect(deriveProductionGraph(model)).rejects.toBeInstanceOf(ModelError);
  });
});
