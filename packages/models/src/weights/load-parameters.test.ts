import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Parameter } from "../graph/operation.ts";
import { loadParameters } from "./load-parameters.ts";
import { openWeights } from "./open-weights.ts";
import type { StoredTensor, TensorDtype, WeightsFile } from "./stored-tensor.ts";
import { WeightsFileError } from "./weights-file-error.ts";

function hold(
  tensors: Record<string, readonly number[]>,
  { dtype = "F32", value = 1 }: { dtype?: TensorDtype; value?: number } = {},
): WeightsFile {
  const stored = Object.entries(tensors).map(([name, shape]): [string, StoredTensor] => {
    const count = shape.reduce((a, b) => a * b, 1);
    const bytes = Buffer.from(new Float32Array(count).fill(value).buffer);
    return [name, { name, dtype, shape, readBytes: async () => await Promise.resolve(bytes) }];
  });
  return {
    path: "/weights/model.safetensors",
    tensors: new Map(stored),
    [Symbol.asyncDispose]: async () => await Promise.resolve(),
  };
}

const parameters: Parameter[] = [
  { name: "layer1.0.conv1.weight", shape: [4, 3, 1, 1], isTrained: true },
  { name: "fc.bias", shape: [4], isTrained: true },
];
const fitting = { "layer1.0.conv1.weight": [4, 3, 1, 1], "fc.bias": [4] };

describe("weights that fit are loaded", () => {
  test("all of them, by name", async () => {
    const loaded = await loadParameters(hold(fitting), { parameters, ignored: [] });
    expect([...loaded].map(([name, { length }]) => [name, length])).toEqual([
      ["layer1.0.conv1.weight", 12],
      ["fc.bias", 4],
    ]);
  });

  test("auxiliary heads and batch counters beside them are no error", async () => {
    const file = hold({ ...fitting, "aux1.fc.weight": [1], "bn1.num_batches_tracked": [] });
    expect(await loadParameters(file, { parameters, ignored: ["aux1."] })).toHaveLength(2);
  });
});

describe("the same numbers in another layout", () => {
  const layer = (shape: number[]): Parameter[] => [{ name: "fc.weight", shape, isTrained: true }];

  test("a fully connected layer is read from a convolution over the whole grid, and the other way round", async () => {
    const fromConv = hold({ "fc.weight": [2, 3, 4, 4] });
    const loaded = await loadParameters(fromConv, { parameters: layer([2, 48]), ignored: [] });
    expect(loaded.get("fc.weight")).toHaveLength(96);
    const fromLinear = hold({ "fc.weight": [2, 48] });
    const turned = await loadParameters(fromLinear, {
      parameters: layer([2, 48, 1, 1]),
      ignored: [],
    });
    expect(turned.get("fc.weight")).toHaveLength(96);
  });

  test("convolutions with other kernels are no layouts of each other", async () => {
    const loading = loadParameters(hold({ "fc.weight": [2, 16, 3, 3] }), {
      parameters: layer([2, 144, 1, 1]),
      ignored: [],
    });
    await expect(loading).rejects.toThrow("should have the shape [2, 144, 1, 1]");
  });
});

describe("weights that do not fit are refused with everything that is wrong", () => {
  test.each<[string, WeightsFile, RegExp]>([
    [
      "a missing tensor with the nearest",
      hold({ "module.layer1.0.conv1.weight": [4, 3, 1, 1], "fc.bias": [4] }),
      /missing layer1\.0\.conv1\.weight \[4, 3, 1, 1\]; the nearest that the file has is module\.layer1/u,
    ],
    [
      "another shape",
      hold({ ...fitting, "fc.bias": [1000] }),
      /fc\.bias should have the shape \[4\] and has \[1000\]/u,
    ],
    ["a surplus tensor", hold({ ...fitting, "fc2.bias": [4] }), /surplus fc2\.bias/u],
    ["weights that are NaN", hold(fitting, { value: Number.NaN }), /holds NaN/u],
    ["infinite weights", hold(fitting, { value: Infinity }), /holds NaN or infinite/u],
    ["integers", hold(fitting, { dtype: "I32" }), /holds I32, expected floats/u],
  ])("%s", async (_, file, reason) => {
    const refusal = loadParameters(file, { parameters, ignored: [] });
    await expect(refusal).rejects.toThrow(reason);
    await expect(refusal).rejects.toThrow(/^\/weights\/model\.safetensors: /u);
  });

  test("a checkpoint of another architecture in a message of bounded length", async () => {
    const other = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`block.${i}`, [1]]));
    const refusal = loadParameters(hold(other), { parameters, ignored: [] });
    await expect(refusal).rejects.toThrow(/and 482 more$/u);
  });
});

describe("the kind of a file is told by its content", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sluice-weights-"));
  });
  afterAll(async () => await rm(folder, { recursive: true }));

  test.each<[string, Buffer, RegExp]>([
    ["empty", Buffer.alloc(0), /too few for a safetensors/u],
    ["text", Buffer.from("Not Found: there is no such model"), /header claims/u],
    ["the head of a zip archive", Buffer.from("PK\u0003\u0004".padEnd(64)), /archive|zip/iu],
    [
      "a pickle of nothing",
      Buffer.from([0x80, 2, 0x4e, 0x2e, ...Buffer.alloc(32)]),
      /torch|state|pickle/iu,
    ],
  ])("%s", async (_, bytes, reason) => {
    const path = join(folder, "weights");
    await writeFile(path, bytes);
    await expect(openWeights(path)).rejects.toThrow(reason);
    await expect(openWeights(path)).rejects.toBeInstanceOf(WeightsFileError);
  });

  test("an absent file and a folder are refused like any other", async () => {
    for (const path of [join(folder, "absent.pth"), folder]) {
      await expect(openWeights(path)).rejects.toThrow(/cannot be read/u);
      await expect(openWeights(path)).rejects.toBeInstanceOf(WeightsFileError);
    }
  });
});
