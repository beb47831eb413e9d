import { describe, expect, test } from "vitest";
import { ModelError } from "../model-error.ts";
import { tinyClassifier, type TinyClassifier } from "../testing/tiny-classifier.ts";
import { encodeValueInfo, FLOAT, FLOAT16, floatTensor, type Node } from "./messages.ts";
import { GRAPH, nameOf } from "./model-ports.ts";
import { replaceHead, type NewHead } from "./replace-head.ts";
import { bytesField, readFields, type Field, type Parts } from "./wire.ts";

process.env["ORT_DISABLE_TELEMETRY"] = "1";
const ort = await import("onnxruntime-node");

const OUTPUT_EMBEDDINGS = bytesField(
  GRAPH.output,
  encodeValueInfo({ name: "embeddings", type: FLOAT, shape: ["n", 3] }),
);
const initializer = (name: string, shape: readonly number[], values: readonly number[]): Parts =>
  bytesField(GRAPH.initializer, floatTensor(name, shape, Float32Array.from(values)));

/** pooled → embeddings (Identity); pooled → hidden → logits, with an initializer of the old head's own and a shared one. */
const CLASSIFIER: Partial<TinyClassifier> = {
  head: [
    { operator: "Mul", inputs: ["pooled", "shared"], outputs: ["embeddings"] },
    { operator: "Mul", inputs: ["pooled", "shared"], outputs: ["hidden"] },
    { operator: "Mul", inputs: ["hidden", "own"], outputs: ["logits"] },
  ],
  moreGraph: [
    ...initializer("shared", [1], [2]),
    ...initializer("own", [3], [1, 1, 1]),
    ...OUTPUT_EMBEDDINGS,
  ],
};

/** Two classes: red + 10, and blue − red. */
const HEAD: NewHead = {
  embeddings: "embeddings",
  weights: Float32Array.of(1, 0, 0, -1, 0, 1),
  bias: Float32Array.of(10, 0),
  file: "model.onnx",
};

function replaced(change: Partial<TinyClassifier>, head = HEAD): Buffer {
  return Buffer.concat([...replaceHead(tinyClassifier(change), head)]);
}

function graphOf(onnx: Buffer): Field[] {
  return readFields(readFields(onnx).find(({ number }) => number === 7)!.bytes);
}

/** A picture of red 3, green 1 and blue 7 everywhere, whose embeddings are twice that. */
async function run(onnx: Buffer): Promise<Readonly<Record<string, number[]>>> {
  const session = await ort.InferenceSession.create(onnx);
  const pixels = Float32Array.from({ length: 48 }, (_, i) => [3, 1, 7][Math.floor(i / 16)]!);
  const outputs = await session.run({
    pixel_values: new ort.Tensor("float32", pixels, [1, 3, 4, 4]),
  });
  await session.release();
  const entries = Object.entries(outputs);
  return Object.fromEntries(entries.map(([name, { data }]) => [name, [...(data as Float32Array)]]));
}

function namesOf(onnx: Buffer, number: number): string[] {
  const fields = graphOf(onnx).filter((field) => field.number === number);
  if (number !== GRAPH.initializer) return fields.map(({ bytes }) => nameOf(bytes));
  return fields.map(
    ({ bytes }) =>
      readFields(bytes)
        .find((field) => field.number === 8)
        ?.bytes.toString() ?? "",
  );
}

describe("a model whose last layer is replaced", () => {
  test("gives the new logits, and the embeddings that it gave before", async () => {
    expect(await run(replaced(CLASSIFIER))).toEqual({ logits: [16, 8], embeddings: [6, 2, 14] });
  });

  test("has lost what only the old layer needed, and kept everything else byte for byte", () => {
    const [before, after] = [tinyClassifier(CLASSIFIER), replaced(CLASSIFIER)];
    expect(namesOf(after, GRAPH.initializer)).toEqual([
      "rows",
      "shared",
      "head.weight",
      "head.bias",
    ]);
    expect(namesOf(after, GRAPH.output)).toEqual(["logits", "embeddings"]);
    const rest = new Set(graphOf(after).map(({ raw }) => raw.toString("hex")));
    const gone = graphOf(before).filter(({ raw }) => !rest.has(raw.toString("hex")));
    // Two nodes, one initializer, one output.
    expect(gone.map(({ number }) => number).toSorted((a, b) => a - b)).toEqual([1, 1, 5, 12]);
    const file = (onnx: Buffer): Buffer[] =>
      readFields(onnx).flatMap(({ number, raw }) => (number === 7 ? [] : [raw]));
    expect(file(after)).toEqual(file(before));
  });

  test("comes out the same every time, and can be replaced again", async () => {
    expect(replaced(CLASSIFIER)).toEqual(replaced(CLASSIFIER));
    const again = { ...HEAD, weights: Float32Array.of(0, 1, 0), bias: Float32Array.of(0.5) };
    const twice = Buffer.concat([...replaceHead(replaced(CLASSIFIER), again)]);
    expect(await run(twice)).toEqual({ logits: [2.5], embeddings: [6, 2, 14] });
    expect(twice).toEqual(replaced(CLASSIFIER, again));
  });

  test("loses outputs that were computed from the old logits, such as probabilities", async () => {
    const probabilities = bytesField(
      GRAPH.output,
      encodeValueInfo({ name: "probabilities", type: FLOAT, shape: ["n", 3] }),
    );
    const softmax: Node = { operator: "Softmax", inputs: ["logits"], outputs: ["probabilities"] };
    const found = replaced({
      head: [...CLASSIFIER.head!, softmax],
      moreGraph: [...CLASSIFIER.moreGraph!, ...probabilities],
    });
    expect(await run(found)).toEqual({ logits: [16, 8], embeddings: [6, 2, 14] });
  });

  test("loses nodes that nothing asked for and that read what is gone", async () => {
    const unused: Node = { operator: "Relu", inputs: ["hidden"], outputs: ["unused"] };
    const found = replaced({ ...CLASSIFIER, head: [...CLASSIFIER.head!, unused] });
    expect(await run(found)).toEqual({ logits: [16, 8], embeddings: [6, 2, 14] });
  });

  test("keeps names of its own apart from the new ones", async () => {
    const found = replaced({
      head: [
        { operator: "Mul", inputs: ["pooled", "head.weight"], outputs: ["embeddings"] },
        { operator: "Identity", inputs: ["pooled"], outputs: ["logits"] },
      ],
      moreGraph: [...initializer("head.weight", [1], [2]), ...OUTPUT_EMBEDDINGS],
    });
    expect(await run(found)).toEqual({ logits: [16, 8], embeddings: [6, 2, 14] });
  });

  test("may have had embeddings alone", async () => {
    const found = replaced({
      output: "embeddings",
      head: [{ operator: "Identity", inputs: ["pooled"], outputs: ["embeddings"] }],
    });
    expect(await run(found)).toEqual({ logits: [13, 4], embeddings: [3, 1, 7] });
  });
});

describe("is refused with a reason", () => {
  const output = (type: number, shape: readonly (number | string)[]): Partial<TinyClassifier> => ({
    ...CLASSIFIER,
    moreGraph: [
      ...CLASSIFIER.moreGraph!.slice(0, -OUTPUT_EMBEDDINGS.length),
      ...bytesField(GRAPH.output, encodeValueInfo({ name: "embeddings", type, shape })),
    ],
  });
  test.each<[string, Partial<TinyClassifier>, RegExp]>([
    ["no embeddings", {}, /no output embeddings \(it has logits\).*sluice models build/u],
    ["another dimension", output(FLOAT, ["n", 4]), /embeddings are \[any, 4\].*\[any, 3\]/u],
    ["maps instead of vectors", output(FLOAT, ["n", 3, 1, 1]), /are \[any, 3, 1, 1\]/u],
    ["half precision", output(FLOAT16, ["n", 3]), /of ONNX type 10/u],
    [
      "embeddings behind the logits",
      {
        head: [
          { operator: "Identity", inputs: ["pooled"], outputs: ["logits"] },
          { operator: "Identity", inputs: ["logits"], outputs: ["embeddings"] },
        ],
        moreGraph: OUTPUT_EMBEDDINGS,
      },
      /embeddings are computed from its logits/u,
    ],
  ])("%s", (_, change, message) => {
    expect(() => replaced(change)).toThrow(ModelError);
    expect(() => replaced(change)).toThrow(message);
  });

  test.each([
    ["no ONNX", Buffer.from("hello, this is text")],
    ["half of one", tinyClassifier(CLASSIFIER).subarray(0, 100)],
    ["nothing", Buffer.alloc(0)],
  ])("%s", (_, bytes) => {
    expect(() => replaceHead(bytes, HEAD)).toThrow(/not an ONNX model/u);
  });
});
