import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildFromCard } from "../build-from-card.ts";
import { ModelError } from "../model-error.ts";
import { bytesField, textField, varintField, type Parts } from "../onnx/wire.ts";
import { tinyClassifier } from "../testing/tiny-classifier.ts";
import { inspectDirectory } from "./inspect-directory.ts";
import { inspectModel } from "./inspect-model.ts";
import { inspectOnnx } from "./inspect-onnx.ts";

const demo = resolve(import.meta.dirname, "../../../../infra/demo-models/weights");
const fixtures = resolve(import.meta.dirname, "../weights/pytorch/fixtures");
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-inspect-"));
});
afterAll(async () => await rm(folder, { recursive: true }));

async function write(name: string, content: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

describe("a weights file", () => {
  test("tells its tensors and the architecture it is for", async () => {
    const report = await inspectModel(join(demo, "squeezenet1_1.safetensors"));
    expect(report).toMatchObject({
      kind: "weights",
      format: "safetensors",
      parameters: 726_600,
      checkpoint: null,
      fits: [{ architecture: "squeezenet1_1", classes: 8 }],
      nearest: null,
    });
    if (report.kind !== "weights") throw new Error("not weights");
    expect(report.tensors).toHaveLength(52);
    expect(report.tensors[0]).toHaveProperty("shape");
  });

  test("that is a training checkpoint tells what it says of itself", async () => {
    expect(await inspectModel(join(fixtures, "checkpoint.pth"))).toMatchObject({
      kind: "weights",
      format: "pytorch",
      checkpoint: { epoch: 12, validationAccuracy: 93.25, classes: 5 },
      fits: [],
      nearest: null,
    });
  });
});

describe("an ONNX file", () => {
  test("tells what it is without being run", async () => {
    const report = await inspectModel(await write("tiny.onnx", tinyClassifier()));
    expect(report).toMatchObject({
      kind: "onnx",
      producer: "sluice",
      irVersion: 8,
      opsets: [{ domain: "ai.onnx", version: 17 }],
      inputs: [{ name: "pixel_values", type: "float32", shape: [null, 3, 4, 4] }],
      outputs: [
        { name: "logits", type: "float32", shape: [null, 3], producer: "GlobalAveragePool" },
      ],
      operators: [
        { operator: "GlobalAveragePool", count: 1 },
        { operator: "Identity", count: 1 },
        { operator: "Reshape", count: 1 },
      ],
      tensors: 1,
      parameters: 2,
      parameterBytes: 16,
      externalFiles: [],
    });
  });

  test("tells shapes that are written packed, as some exporters do", async () => {
    const packed = [...bytesField(1, [Buffer.from([3, 5])]), varintField(2, 10), textField(8, "w")];
    const onnx = tinyClassifier({ moreGraph: bytesField(5, packed) });
    const report = await inspectOnnx(await write("packed.onnx", onnx));
    expect(report).toMatchObject({ tensors: 2, parameters: 2 + 15, parameterBytes: 16 + 30 });
  });

  test("is known by its content, whatever its name", async () => {
    expect((await inspectModel(await write("model.bin", tinyClassifier()))).kind).toBe("onnx");
  });

  test.each([
    ["weights.bin", "present"],
    ["gone.bin", "missing"],
    ["short.bin", "too-short"],
    ["../weights.bin", "outside"],
    ["/etc/passwd", "outside"],
    ["link.bin", "outside"],
    ["a/../../x.bin", "outside"],
  ])("with weights in %s: they are %s", async (location, state) => {
    const inner = join(folder, "external");
    await mkdir(inner, { recursive: true });
    await write("weights.bin", Buffer.alloc(64));
    await write("external/weights.bin", Buffer.alloc(64));
    await write("external/short.bin", Buffer.alloc(8));
    await symlink("../weights.bin", join(inner, "link.bin")).catch(() => null); // made once
    const onnx = tinyClassifier({ moreGraph: bytesField(5, externalTensor(location)) });
    const { externalFiles } = await inspectOnnx(await write("external/model.onnx", onnx));
    expect(externalFiles).toEqual([{ location, tensors: 1, bytes: 48, state }]);
  });

  test("that is damaged is refused by name, however it is damaged", async () => {
    const whole = tinyClassifier();
    const arbitrary = fc.tuple(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length));
    await fc.assert(
      fc.asyncProperty(arbitrary, async ([at, byte, length]) => {
        const damaged = Buffer.from(whole.subarray(0, length));
        if (at < length) damaged[at] = byte;
        const path = await write("damaged.onnx", damaged);
        const error: unknown = await inspectOnnx(path).then(
          () => null,
          (thrown: unknown) => thrown,
        );
        const isExpected = error instanceof ModelError && error.message.includes(path);
        expect(error === null || isExpected).toBe(true);
      }),
    );
  });
});

describe("a model directory", () => {
  test("tells card, network and the variants beside it", async () => {
    const place = join(folder, "built");
    await buildFromCard(join(demo, "squeezenet1_1.json"), place);
    await writeFile(join(place, "onnx/model_fp16.onnx"), tinyClassifier());
    const report = await inspectModel(place);
    expect(report).toMatchObject({
      kind: "directory",
      network: { parameters: 726_600, producer: "sluice" },
      variants: ["model_fp16.onnx"],
      problems: [],
    });
    if (report.kind !== "directory") throw new Error("not a directory");
    expect(report.card?.labels).toHaveLength(8);
    expect(report.card?.preprocessing.cropHeight).toBeGreaterThan(0);
  });

  test("tells what is there when something is wrong, and what is wrong", async () => {
    const place = join(folder, "half");
    await mkdir(join(place, "onnx"), { recursive: true });
    await writeFile(join(place, "onnx/model.onnx"), tinyClassifier());
    const report = await inspectDirectory(place);
    expect(report.network?.producer).toBe("sluice");
    expect(report.card).toBeNull();
    expect(report.problems).toEqual([expect.stringContaining("config.json")]);
  });

  test("that is not there is refused", async () => {
    await expect(inspectModel(join(folder, "nowhere"))).rejects.toThrow(/nowhere: cannot be read/u);
  });
});

/** TensorProto of 12 float32 whose numbers are said to lie in another file. */
function externalTensor(location: string): Parts {
  const pair = (key: string, value: string): Parts =>
    bytesField(13, [textField(1, key), textField(2, value)]);
  return [
    varintField(1, 12),
    varintField(2, 1),
    textField(8, "outer"),
    ...pair("location", location),
    ...pair("offset", "0"),
    varintField(14, 1),
  ];
}
