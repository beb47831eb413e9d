import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { readModelDirectory } from "@sluice/models";
import { expect, test } from "vitest";
import { runCli } from "../run-cli.ts";
import { openTerminal } from "../terminal/terminal.ts";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const demo = resolve(import.meta.dirname, "../../../../infra/demo-models/weights");
const weights = await readFile(join(demo, "squeezenet1_1.safetensors"));
const { labels } = JSON.parse(await readFile(join(demo, "squeezenet1_1.json"), "utf8"));
const sha256 = createHash("sha256").update(weights).digest("hex");

class Place implements AsyncDisposable {
  readonly folder: string;
  readonly #server: Server;

  constructor(folder: string, server: Server) {
    this.folder = folder;
    this.#server = server;
  }

  /** Serves the demo's SqueezeNet under any path. */
  static async open(): Promise<Place> {
    const server = createServer((_, response) => {
      response.writeHead(200, { "content-length": String(weights.length) }).end(weights);
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return new Place(await mkdtemp(join(tmpdir(), "sluice-pull-cli-")), server);
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("not listening");
    return `http://127.0.0.1:${address.port}`;
  }

  get outDir(): string {
    return join(this.folder, "models/site");
  }

  async pull(...args: string[]) {
    const written = { stdout: "", stderr: "" };
    const terminal = openTerminal({
      stdout: { write: (text) => (written.stdout += text) },
      stderr: { write: (text) => (written.stderr += text) },
    });
    const env = { HOME: this.folder, SLUICE_TORCHVISION_URL: `${this.url}/models/` };
    const signal = new AbortController().signal;
    const command = ["models", "pull", ...args, "--out", "models/site"];
    const code = await runCli(command, { env, cwd: this.folder, terminal, signal });
    return { code, ...written };
  }

  /** As huggingface_hub leaves a repository that it has fetched. */
  async cache(repo: string, files: Readonly<Record<string, Buffer | string>>): Promise<void> {
    const folder = join(
      this.folder,
      ".cache/huggingface/hub",
      `models--${repo.replace("/", "--")}`,
    );
    await mkdir(join(folder, "refs"), { recursive: true });
    await mkdir(join(folder, "blobs"));
    await writeFile(join(folder, "refs/main"), COMMIT);
    for (const [path, content] of Object.entries(files)) {
      const blob = join(folder, "blobs", createHash("sha256").update(content).digest("hex"));
      const link = join(folder, "snapshots", COMMIT, path);
      await mkdir(dirname(link), { recursive: true });
      await writeFile(blob, content);
      await symlink(relative(dirname(link), blob), link);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
    await rm(this.folder, { recursive: true, force: true });
  }
}

test("weights of an address become a model directory that a worker reads", async () => {
  await using place = await Place.open();
  const file = join(place.folder, "labels.txt");
  await writeFile(file, labels.join("\n"));
  const address = `${place.url}/site.safetensors?key=secret`;
  const options = ["--arch", "squeezenet1_1", "--labels", file, "--sha256", sha256];
  const { code, stdout, stderr } = await place.pull(address, ...options);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toBe(`pulled ${place.url}/site.safetensors into ${place.outDir}\n`);
  expect(await readModelDirectory(place.outDir)).toMatchObject({
    labels,
    preprocessing: { resize: 256, cropHeight: 224 },
  });
});

test("a timm repository in the cache becomes one offline, with its own labels and preprocessing", async () => {
  await using place = await Place.open();
  const pretrained_cfg = {
    input_size: [3, 112, 112],
    crop_pct: 0.875,
    interpolation: "bilinear",
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
  };
  const card = {
    architecture: "squeezenet1_1",
    num_classes: 8,
    label_names: labels,
    pretrained_cfg,
  };
  await place.cache("timm/squeezenet", {
    "config.json": JSON.stringify(card),
    "model.safetensors": weights,
  });
  const { code, stdout } = await place.pull("timm/squeezenet", "--offline", "--json");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    folder: place.outDir,
    origin: `timm/squeezenet@${COMMIT}`,
    kind: "weights",
    architecture: "squeezenet1_1",
    classes: 8,
  });
  expect(await readModelDirectory(place.outDir)).toMatchObject({
    labels,
    preprocessing: { resize: 128, cropHeight: 112, mean: [0.5, 0.5, 0.5] },
  });
});

test("an ONNX repository that is no image classifier never stands in its place", async () => {
  await using place = await Place.open();
  await place.cache("owner/text", {
    "config.json": '{"model_type":"bert"}',
    "preprocessor_config.json": "{}",
    "onnx/model.onnx": "onnx",
  });
  const { code, stderr } = await place.pull("owner/text", "--offline");
  expect(code).toBe(78);
  expect(stderr).toMatch(/config\.json: id2label/u);
  await expect(readdir(join(place.folder, "models"))).resolves.toEqual([]);
});

test("a dry run says what would be fetched, from where and how large, and writes nothing", async () => {
  await using place = await Place.open();
  const { code, stdout } = await place.pull("torchvision:resnet50", "--dry-run");
  expect(code).toBe(0);
  expect(stdout).toBe(
    [
      `would fetch ${place.url}/models/resnet50-0676ba61.pth into ${place.outDir}, built as resnet50 with 1000 classes`,
      `  resnet50-0676ba61.pth  1.4 MiB  ${place.url}/models/resnet50-0676ba61.pth`,
      "  in all 1.4 MiB\n",
    ].join("\n"),
  );
  const json = await place.pull("torchvision:resnet50", "--dry-run", "--json");
  expect(JSON.parse(json.stdout)).toMatchObject({
    kind: "weights",
    classes: 1000,
    image: { resize: 256, crop: 224 },
    files: [{ bytes: weights.length, expected: { kind: "sha256-prefix", hex: "0676ba61" } }],
  });
  expect(await readdir(place.folder)).toEqual([]);
});

test("weights of an address that are not ImageNet's need labels, and leave nothing without", async () => {
  await using place = await Place.open();
  const { code, stderr } = await place.pull(`${place.url}/site.pth`, "--arch", "squeezenet1_1");
  expect(code).toBe(78);
  expect(stderr).toMatch(/classifier\.1\.weight/u);
  expect(await readdir(place.folder)).not.toContain("models");
});

test.each<[readonly string[], number, RegExp]>([
  [["resnet50"], 2, /"resnet50" names no model/u],
  [["torchvision:resnet50", "--revision", "v1"], 2, /--revision: only for <owner>/u],
  [["torchvision:resnet50", "--sha256", "ab".repeat(32)], 2, /--sha256: only for an https/u],
  [["https://example.org/x.pth", "--sha256", "ab"], 2, /expected 64 hex digits/u],
  [["https://example.org/x.pth", "--max-bytes", "lots"], 2, /such as 500M or 4G/u],
  [["https://example.org/x.pth"], 2, /does not say its architecture; name it with --arch/u],
  [["https://example.org/x.pth", "--arch", "resnet51"], 2, /"resnet51" cannot be built/u],
  [["owner/cats", "--offline"], 69, /owner\/cats@main is not in .*pull it once with a connection/u],
])("%j fails before anything is fetched", async (args, code, message) => {
  await using place = await Place.open();
  const result = await place.pull(...args);
  expect(result).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(message) });
  expect(await readdir(place.folder)).toEqual([]);
});
