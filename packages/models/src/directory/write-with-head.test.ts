import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ModelError } from "../model-error.ts";
import { encodeValueInfo, FLOAT } from "../onnx/messages.ts";
import { bytesField } from "../onnx/wire.ts";
import { tinyClassifier } from "../testing/tiny-classifier.ts";
import { readModelDirectory, type ModelDirectory } from "./read-directory.ts";
import { json, writeModelFiles } from "./write-directory.ts";
import { writeWithHead, type HeadOptions } from "./write-with-head.ts";

let parent = "";
let base: ModelDirectory;
let head: HeadOptions;
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), "sluice-with-head-"));
  const folder = join(parent, "base");
  await writeModelFiles(folder, {
    "config.json": json({
      architectures: ["tiny"],
      num_classes: 3,
      label_names: ["a", "b", "c"],
      id2label: { 0: "a", 1: "b", 2: "c" },
    }),
    "preprocessor_config.json": '{"size":4,   "resample":3,"crop_pct":1}',
    "onnx/model.onnx": [
      tinyClassifier({
        head: [
          { operator: "Identity", inputs: ["pooled"], outputs: ["embeddings"] },
          { operator: "Relu", inputs: ["pooled"], outputs: ["logits"] },
        ],
        moreGraph: bytesField(
          12,
          encodeValueInfo({ name: "embeddings", type: FLOAT, shape: ["n", 3] }),
        ),
      }),
    ],
  });
  base = await readModelDirectory(folder);
  head = {
    labels: ["cat", "dog"],
    weights: Float32Array.of(1, 0, 0, 0, 1, 0),
    bias: Float32Array.of(0, 0),
    outDir: join(parent, "fitted"),
  };
});
afterAll(async () => await rm(parent, { recursive: true }));

test("a directory with another head has its labels, and the preprocessing byte for byte", async () => {
  await writeWithHead(base, head);
  const fitted = await readModelDirectory(head.outDir);
  expect(fitted.labels).toEqual(["cat", "dog"]);
  expect(fitted.digest).not.toBe(base.digest);
  const preprocessor = (folder: string): Promise<Buffer> =>
    readFile(join(folder, "preprocessor_config.json"));
  expect(await preprocessor(fitted.folder)).toEqual(await preprocessor(base.folder));
});

test("its configuration says nothing of the old classes, and what else it said", async () => {
  await writeWithHead(base, head);
  expect(JSON.parse(await readFile(join(head.outDir, "config.json"), "utf8"))).toEqual({
    architectures: ["tiny"],
    num_labels: 2,
    id2label: { 0: "cat", 1: "dog" },
    label2id: { cat: 0, dog: 1 },
  });
});

test("a place that is no model directory stays as it is", async () => {
  await writeFile(join(parent, "notes.txt"), "");
  await expect(writeWithHead(base, { ...head, outDir: parent })).rejects.toThrow(ModelError);
  expect(await readFile(join(parent, "notes.txt"), "utf8")).toBe("");
});
