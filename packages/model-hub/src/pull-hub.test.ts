import { readFile, readlink, writeFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { scanCachedRepo } from "@huggingface/hub";
import { expect, test } from "vitest";
import { fetchDirectory } from "./fetch-directory.ts";
import { locateModel } from "./locate-model.ts";
import { parseModelReference } from "./model-reference.ts";
import { COMMIT, sha256 } from "./testing/hub-server.ts";
import { pull } from "./testing/pull.ts";
import { makeBytes, openPullPlace } from "./testing/pull-place.ts";

const onnx = makeBytes(300_000);
const CLASSIFIER = {
  "README.md": "a model",
  "config.json": '{"id2label":{"0":"cat","1":"dog"}}',
  "preprocessor_config.json": '{"size":224}',
  "onnx/model.onnx": onnx,
  "model.safetensors": makeBytes(10),
};
const TIMM = {
  "config.json": JSON.stringify({
    architecture: "resnet18",
    num_classes: 2,
    label_names: ["cat", "dog"],
    pretrained_cfg: {
      input_size: [3, 224, 224],
      interpolation: "bicubic",
      crop_pct: 0.95,
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
    },
  }),
  "model.safetensors": makeBytes(200_000, 7),
};
const CACHE = ".cache/huggingface/hub";

test("a repository with an ONNX model becomes a model directory, byte for byte", async () => {
  await using place = await openPullPlace();
  place.hub.addRepo("owner/cats", CLASSIFIER);
  await pull("owner/cats", place.options(), place.outDir);
  const read = async (name: string) => await readFile(join(place.outDir, name));
  expect(await read("onnx/model.onnx")).toEqual(onnx);
  expect(String(await read("config.json"))).toBe(CLASSIFIER["config.json"]);
  const written = (await place.files()).filter((file) => file.startsWith("out"));
  expect(written).toEqual([
    "out/config.json",
    "out/onnx/model.onnx",
    "out/preprocessor_config.json",
  ]);
});

test("weights that lie beside the ONNX file come with it", async () => {
  await using place = await openPullPlace();
  place.hub.addRepo("owner/cats", { ...CLASSIFIER, "onnx/model.onnx_data": makeBytes(5000) });
  await pull("owner/cats", place.options(), place.outDir);
  const data = await readFile(join(place.outDir, "onnx/model.onnx_data"));
  expect(data).toEqual(makeBytes(5000));
});

test("the cache is the one that huggingface_hub keeps", async () => {
  await using place = await openPullPlace();
  place.hub.addRepo("owner/cats", CLASSIFIER);
  await pull("owner/cats@v1.0", place.options(), place.outDir);
  const folder = join(place.folder, CACHE, "models--owner--cats");
  expect(await readFile(join(folder, "refs/v1.0"), "utf8")).toBe(COMMIT);
  const link = await readlink(join(folder, "snapshots", COMMIT, "onnx/model.onnx"));
  expect(link).toBe(`../../../blobs/${sha256(onnx)}`);
  const scanned = await scanCachedRepo(folder);
  expect(scanned.id.name).toBe("owner/cats");
  expect(scanned.revisions[0]?.files).toHaveLength(2);
});

test("a timm repository gives its weights and what its card says", async () => {
  await using place = await openPullPlace();
  place.hub.addRepo("timm/resnet18.test", TIMM);
  const options = place.options();
  const location = await locateModel(parseModelReference("timm/resnet18.test"), options);
  expect(location).toMatchObject({
    kind: "weights",
    origin: `timm/resnet18.test@${COMMIT}`,
    architecture: "resnet18",
    numClasses: 2,
    labels: ["cat", "dog"],
    image: { resize: 235, crop: 224, interpolation: "bicubic" },
  });
  const path = await pull("timm/resnet18.test", options, place.outDir);
  expect(await readFile(path)).toEqual(TIMM["model.safetensors"]);
});

test("what is in the cache is not fetched again", async () => {
  await using place = await openPullPlace();
  place.hub.addRepo("timm/resnet18.test", TIMM);
  await pull("timm/resnet18.test", place.options(), place.outDir);
  await pull("timm/resnet18.test", place.options(), place.outDir);
  expect(place.hub.asked("/resolve/")).toHaveLength(2); // config.json and model.safetensors, once each
});

test("a damaged file in the cache is fetched again", async () => {
  await using place = await openPullPlace();
  place.hub.addRepo("timm/resnet18.test", TIMM);
  const path = await pull("timm/resnet18.test", place.options(), place.outDir);
  await writeFile(path, makeBytes(200_000, 8));
  await pull("timm/resnet18.test", place.options(), place.outDir);
  expect(await readFile(path)).toEqual(TIMM["model.safetensors"]);
});

test("a repository with neither says what was looked for and what it has", async () => {
  await using place = await openPullPlace();
  place.hub.addRepo("owner/text", { "config.json": "{}", "tokenizer.json": "{}" });
  await expect(pull("owner/text", place.options(), place.outDir)).rejects.toThrow(
    /looked for onnx\/model\.onnx.*lacking: preprocessor_config\.json, onnx\/model\.onnx.*it has config\.json, tokenizer\.json/u,
  );
});

test("a safetensors file without timm's card is refused", async () => {
  await using place = await openPullPlace();
  place.hub.addRepo("owner/bert", { ...TIMM, "config.json": '{"model_type":"bert"}' });
  await expect(pull("owner/bert", place.options(), place.outDir)).rejects.toMatchObject({
    code: "MODEL_NOT_FOUND",
    message: expect.stringMatching(/config\.json is not that of a timm model \(architecture/u),
  });
});

test("a folder that holds something is never replaced, and nothing is fetched for it", async () => {
  await using place = await openPullPlace();
  place.hub.addRepo("owner/cats", CLASSIFIER);
  await mkdir(place.outDir);
  await writeFile(join(place.outDir, "holiday.jpg"), "");
  await expect(pull("owner/cats", place.options(), place.outDir)).rejects.toMatchObject({
    code: "PULL_TARGET_UNUSABLE",
    message: expect.stringMatching(/holds holiday\.jpg/u),
  });
  expect(place.hub.asked("/resolve/")).toEqual([]);
});

test("a directory that an inspection refuses never stands in its place", async () => {
  await using place = await openPullPlace();
  place.hub.addRepo("owner/cats", CLASSIFIER);
  const options = place.options();
  const location = await locateModel(parseModelReference("owner/cats"), options);
  if (location.kind !== "directory") throw new Error("expected a directory");
  const refused = fetchDirectory(location, {
    ...options,
    outDir: place.outDir,
    async inspect(folder) {
      throw new Error(`no classifier: ${(await readFile(join(folder, "onnx/model.onnx"))).length}`);
    },
  });
  await expect(refused).rejects.toThrow("no classifier: 300000");
  expect((await place.files()).filter((file) => file.startsWith("out"))).toEqual([]);
});

test("progress names each file, never falls and ends at its size", async () => {
  await using place = await openPullPlace();
  place.hub.addRepo("owner/cats", CLASSIFIER);
  await pull("owner/cats", place.options(), place.outDir);
  const events = place.progress.filter((event) => event.file === "onnx/model.onnx");
  const received = events.map((event) => event.receivedBytes);
  expect(received).toEqual(received.toSorted((a, b) => a - b));
  expect(received[0]).toBe(0);
  expect(events.at(-1)).toMatchObject({ receivedBytes: 300_000, totalBytes: 300_000 });
  expect([...new Set(place.progress.map((event) => event.file))]).toHaveLength(3);
});

test.each([
  ["the cache is a file", { HF_HUB_CACHE: "/dev/null" }],
  ["the cache is below a file", { HF_HOME: "/dev/null/hf" }],
])("%s: the error names the place", async (_, env) => {
  await using place = await openPullPlace();
  place.hub.addRepo("owner/cats", CLASSIFIER);
  const pulled = pull("owner/cats", place.options({ env }), place.outDir);
  await expect(pulled).rejects.toMatchObject({
    code: "PULL_TARGET_UNUSABLE",
    message: expect.stringContaining("/dev/null"),
  });
});

test("a target that is a file is refused before anything is fetched", async () => {
  await using place = await openPullPlace();
  place.hub.addRepo("owner/cats", CLASSIFIER);
  await writeFile(place.outDir, "mine");
  const pulled = pull("owner/cats", place.options(), place.outDir);
  await expect(pulled).rejects.toMatchObject({ code: "PULL_TARGET_UNUSABLE" });
  expect(place.hub.asked("/resolve/")).toEqual([]);
});
