import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEMO_MODELS, findModelCard } from "@sluice/demo-models";
import { buildFromCard } from "@sluice/models";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runSluice } from "../../testing/run-sluice.ts";

let cwd = "";
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "sluice-inspect-"));
});
afterAll(async () => await rm(cwd, { recursive: true }));

const inspect = async (...args: string[]) => await runSluice(["models", "inspect", ...args], cwd);
const weightsOf = (name: "squeezenet1_1"): string =>
  findModelCard(name).replace(/\.json$/u, ".safetensors");

test("weights say for which architecture they are", async () => {
  const { code, stdout } = await inspect(weightsOf("squeezenet1_1"));
  expect(code).toBe(0);
  expect(stdout).toMatch(/safetensors, 1\.5 MB/u);
  expect(stdout).toMatch(/architecture +squeezenet1_1 \(8 classes, torchvision's names\)/u);
  expect(stdout).toMatch(/features\.0\.weight +F16 +\[64, 3, 3, 3\]/u);
});

test("weights of no architecture say which one is nearest and where they differ", async () => {
  const header = JSON.stringify({
    "conv1.weight": { dtype: "F32", shape: [64, 3, 7, 7], data_offsets: [0, 37_632] },
    "evil\u001b[2Jname": { dtype: "F32", shape: [1], data_offsets: [37_632, 37_636] },
  });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  const file = Buffer.concat([length, Buffer.from(header), Buffer.alloc(37_636)]);
  await writeFile(join(cwd, "foreign.safetensors"), file);
  const { code, stdout } = await inspect("foreign.safetensors");
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /none fits; nearest is \w+ \(1000 classes, \w+'s names\), which shares 1 tensors/u,
  );
  expect(stdout).toContain("missing bn1.weight [64]");
  expect(stdout).toContain("evil\\u{1b}[2Jname");
  expect(stdout).not.toContain("\u001b");
});

test("a model directory says what it takes, gives and consists of", async () => {
  await buildFromCard(findModelCard(DEMO_MODELS[0]), join(cwd, "demo"));
  const { code, stdout } = await inspect("demo");
  expect(code).toBe(0);
  expect(stdout).toMatch(/digest +[0-9a-f]{64}/u);
  expect(stdout).toMatch(/labels +8: /u);
  expect(stdout).toMatch(/input +pixel_values float32 \[any, 3, \d+, \d+\]/u);
  expect(stdout).toMatch(/output +logits float32 \[any, 8\]/u);
  expect(stdout).toMatch(/operators +.*Conv \d+/u);
  const json = JSON.parse((await inspect("demo", "--json")).stdout);
  expect(json).toMatchObject({ kind: "directory", problems: [], network: { externalFiles: [] } });
});

test("a model directory with variants says which ones precision: auto would take, and why not", async () => {
  await buildFromCard(findModelCard("squeezenet1_1"), join(cwd, "variants"));
  const foreign = await readFile(join(cwd, "variants", "onnx", "model.onnx"));
  await writeFile(join(cwd, "variants", "onnx", "model_quantized.onnx"), foreign);
  const { code, stdout } = await inspect("variants");
  expect(code).toBe(0);
  expect(stdout).toMatch(/variants +model_quantized\.onnx/u);
  expect(stdout).toMatch(
    /^precision: auto, with the default limits\n {2}int8 is not taken: there is no onnx\/model_quantized\.report\.json/mu,
  );
  const json = JSON.parse((await inspect("variants", "--json")).stdout);
  expect(json.auto).toMatchObject({
    passed: [],
    refused: [{ variant: "int8", reason: "no-report" }],
  });
});

test("what is none of these is refused with a reason", async () => {
  await writeFile(join(cwd, "notes.txt"), "nothing of the kind, only words");
  const { code, stderr } = await inspect("notes.txt");
  expect(code).toBe(78);
  expect(stderr).toContain("notes.txt");
  expect((await inspect("nowhere.onnx")).code).toBe(78);
});
