import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "./testing/hub-server.ts";
import { pull } from "./testing/pull.ts";
import { makeBytes, openPullPlace, type PullPlace } from "./testing/pull-place.ts";

const OFFLINE = { env: { HF_HUB_OFFLINE: "1" } };
const onnx = makeBytes(5000);

async function openWarm(): Promise<PullPlace> {
  const place = await openPullPlace();
  place.hub.addRepo("owner/cats", {
    "config.json": "{}",
    "preprocessor_config.json": "{}",
    "onnx/model.onnx": onnx,
  });
  await pull("owner/cats", place.options(), join(place.folder, "first"));
  place.hub.seen.length = 0;
  return place;
}

test("with a warm cache no connection is made", async () => {
  await using place = await openWarm();
  await pull("owner/cats", place.options(OFFLINE), place.outDir);
  expect(await readFile(join(place.outDir, "onnx/model.onnx"))).toEqual(onnx);
  expect(place.hub.seen).toEqual([]);
});

test("with a cold cache it says so, and makes no connection either", async () => {
  await using place = await openWarm();
  for (const name of ["owner/dogs", "owner/cats@v1.0", "torchvision:resnet18"]) {
    await expect(pull(name, place.options(OFFLINE), place.outDir)).rejects.toMatchObject({
      code: "MODEL_NOT_CACHED",
    });
  }
  expect(place.hub.seen).toEqual([]);
});

test("a damaged file of the cache is named, not used", async () => {
  await using place = await openWarm();
  const blob = `.cache/huggingface/hub/models--owner--cats/blobs/${sha256(onnx)}`;
  await writeFile(join(place.folder, blob), makeBytes(5000, 2));
  await expect(pull("owner/cats", place.options(OFFLINE), place.outDir)).rejects.toMatchObject({
    code: "DOWNLOAD_CORRUPT",
    message: expect.stringContaining(blob),
  });
});

test("HF_HOME moves the cache, HF_HUB_CACHE more than that", async () => {
  await using place = await openWarm();
  const home = join(place.folder, "hf");
  await pull("owner/cats", place.options({ env: { HF_HOME: home } }), join(place.folder, "a"));
  const cache = join(place.folder, "shared");
  const env = { HF_HOME: home, HF_HUB_CACHE: cache };
  await pull("owner/cats", place.options({ env }), join(place.folder, "b"));
  const files = await place.files();
  for (const folder of ["hf/hub", "shared"]) {
    expect(files).toContain(`${folder}/models--owner--cats/refs/main`);
  }
});

test("weights that torch has fetched are found", async () => {
  await using place = await openPullPlace();
  const path = join(place.folder, "torch/hub/checkpoints/alexnet-owt-7be5be79.pth");
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, makeBytes(100));
  const env = { ...OFFLINE.env, TORCH_HOME: join(place.folder, "torch") };
  // Found, and seen not to be what was published.
  await expect(
    pull("torchvision:alexnet", place.options({ env }), place.outDir),
  ).rejects.toMatchObject({ code: "DOWNLOAD_CORRUPT", message: expect.stringContaining(path) });
});
