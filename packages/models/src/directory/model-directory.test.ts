import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ModelError } from "../model-error.ts";
import { tinyClassifier } from "../testing/tiny-classifier.ts";
import { readModelDirectory } from "./read-directory.ts";
import { writeModelDirectory, type ModelContent } from "./write-directory.ts";

let parent = "";
let folder = "";
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), "sluice-directory-"));
});
beforeEach(async () => {
  folder = join(await mkdtemp(join(parent, "case-")), "model");
});
afterAll(async () => await rm(parent, { recursive: true }));

const content: ModelContent = {
  architecture: "tiny",
  labels: ["cat", "dog", "crane", "crane"],
  image: {
    resize: 5,
    crop: 4,
    interpolation: "bicubic",
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  },
  onnx: [tinyClassifier()],
};

describe("a model directory", () => {
  test("is read as it was written", async () => {
    await writeModelDirectory(folder, content);
    const model = await readModelDirectory(folder);
    expect(model.labels).toEqual(content.labels);
    expect(model.preprocessing).toEqual({
      fit: "shortest-edge",
      resize: 5,
      cropHeight: 4,
      cropWidth: 4,
      interpolation: "bicubic",
      rescale: 1 / 255,
      mean: content.image.mean,
      std: content.image.std,
    });
    expect(await readFile(model.onnxPath)).toEqual(Buffer.concat([...content.onnx]));
  });

  test("has one digest wherever it lies and however its path is written", async () => {
    await writeModelDirectory(folder, content);
    const { digest } = await readModelDirectory(folder);
    await cp(folder, `${folder}-copy`, { recursive: true });
    for (const path of [`${folder}/`, `${folder}/../model`, `${folder}-copy`])
      expect((await readModelDirectory(path)).digest).toBe(digest);
  });

  test.each(["config.json", "preprocessor_config.json", "onnx/model.onnx"])(
    "has another digest when %s changes",
    async (name) => {
      await writeModelDirectory(folder, content);
      const { digest } = await readModelDirectory(folder);
      await writeFile(
        join(folder, name),
        Buffer.concat([await readFile(join(folder, name)), Buffer.from(" ")]),
      );
      expect((await readModelDirectory(folder)).digest).not.toBe(digest);
    },
  );

  test("replaces an earlier one, and leaves nothing else behind", async () => {
    await writeModelDirectory(folder, { ...content, labels: ["old"] });
    await writeModelDirectory(`${folder}/`, content);
    expect((await readModelDirectory(folder)).labels).toEqual(content.labels);
    expect(await readdir(join(folder, ".."))).toEqual(["model"]);
  });

  test("never replaces a folder that is something else", async () => {
    await mkdir(folder);
    await writeFile(join(folder, "thesis.tex"), "");
    await expect(writeModelDirectory(folder, content)).rejects.toThrow(/holds thesis\.tex/u);
    expect(await readdir(folder)).toEqual(["thesis.tex"]);
    expect(await readdir(join(folder, ".."))).toEqual(["model"]);
  });

  test("that cannot be written leaves the earlier one, and nothing partial", async () => {
    await writeModelDirectory(folder, content);
    const { digest } = await readModelDirectory(folder);
    // A generator that throws stands for a full disk in the middle of the network.
    const broken = (function* (): Generator<Uint8Array> {
      yield Buffer.alloc(1000);
      throw new Error("no space left on device");
    })();
    const failing = { ...content, onnx: broken as unknown as Uint8Array[] };
    await expect(writeModelDirectory(folder, failing)).rejects.toThrow(
      /could not be written.*no space/u,
    );
    expect((await readModelDirectory(folder)).digest).toBe(digest);
    expect(await readdir(join(folder, ".."))).toEqual(["model"]);
  });
});

describe("a directory that cannot be used is refused by file and reason", () => {
  test.each<[string, string, string | null, RegExp]>([
    ["no labels", "config.json", "{}", /config\.json: id2label/u],
    ["empty labels", "config.json", '{"id2label":{}}', /id2label is empty/u],
    ["a gap in the labels", "config.json", '{"id2label":{"0":"a","2":"b"}}', /lacks class 1/u],
    ["broken JSON", "config.json", "{", /config\.json: not valid JSON/u],
    ["no config", "config.json", null, /config\.json: cannot be read/u],
    ["an unknown resampling", "preprocessor_config.json", '{"size":4,"resample":1}', /resample/u],
    ["no size", "preprocessor_config.json", "{}", /preprocessor_config\.json: size/u],
    ["no network", "onnx/model.onnx", null, /model\.onnx: cannot be read/u],
  ])("%s", async (_, file, text, message) => {
    await writeModelDirectory(folder, content);
    await (text === null ? rm(join(folder, file)) : writeFile(join(folder, file), text));
    await expect(readModelDirectory(folder)).rejects.toThrow(message);
    await expect(readModelDirectory(folder)).rejects.toBeInstanceOf(ModelError);
  });
});
