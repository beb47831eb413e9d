import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { locateModel } from "./locate-model.ts";
import { parseModelReference } from "./model-reference.ts";
import { sha256 } from "./testing/hub-server.ts";
import { pull } from "./testing/pull.ts";
import { makeBytes, openPullPlace } from "./testing/pull-place.ts";

test("torchvision's file name carries the hash that is checked, and PyTorch's cache is used", async () => {
  await using place = await openPullPlace();
  // The real file is 98 MB; the first eight digits of these bytes' hash are another's.
  place.hub.addPlain("/models/resnet50-0676ba61.pth", makeBytes(1000));
  await expect(pull("torchvision:resnet50", place.options(), place.outDir)).rejects.toMatchObject({
    code: "DOWNLOAD_CORRUPT",
    message: expect.stringMatching(
      new RegExp(
        `resnet50-0676ba61\\.pth: its SHA-256 is ${sha256(makeBytes(1000))}.*0676ba61`,
        "u",
      ),
    ),
  });
  expect(await place.files()).toEqual([]);
});

test("torchvision's models come with their preprocessing, which differs between editions", async () => {
  await using place = await openPullPlace();
  const locate = async (name: string) =>
    await locateModel(parseModelReference(name), place.options());
  expect(await locate("torchvision:resnet50")).toMatchObject({
    origin: `${place.hub.url}/models/resnet50-0676ba61.pth`,
    architecture: "resnet50",
    numClasses: 1000,
    image: { resize: 256, crop: 224, interpolation: "bilinear", mean: [0.485, 0.456, 0.406] },
    files: [
      {
        expected: { kind: "sha256-prefix", hex: "0676ba61" },
        cachePath: join(place.folder, ".cache/torch/hub/checkpoints/resnet50-0676ba61.pth"),
      },
    ],
  });
  expect(await locate("torchvision:resnet50@v2")).toMatchObject({
    image: { resize: 232 },
    files: [{ name: "resnet50-11ad3fa6.pth" }],
  });
  expect(await locate("torchvision:inception_v3")).toMatchObject({
    image: { resize: 342, crop: 299, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  });
  expect(place.hub.seen).toEqual([]);
});

test("a dry run asks how large a file is, and fetches nothing", async () => {
  await using place = await openPullPlace();
  place.hub.addPlain("/models/alexnet-owt-7be5be79.pth", makeBytes(1234));
  const reference = parseModelReference("torchvision:alexnet");
  const location = await locateModel(reference, { ...place.options(), isMeasured: true });
  expect(location.files[0]?.sizeBytes).toBe(1234);
  expect(place.hub.seen.map(({ method }) => method)).toEqual(["HEAD"]);
});

test.each(["torchvision:resnet51", "torchvision:alexnet@v2", "torchvision:constructor"])(
  "%s is refused before anything is asked",
  async (name) => {
    await using place = await openPullPlace();
    await expect(pull(name, place.options(), place.outDir)).rejects.toMatchObject({
      code: "MODEL_REFERENCE_INVALID",
    });
    expect(place.hub.seen).toEqual([]);
  },
);

test("a file of any address is kept, and used again when its hash was given", async () => {
  await using place = await openPullPlace();
  const bytes = makeBytes(5000);
  place.hub.addPlain("/files/site.safetensors", bytes);
  const address = `${place.hub.url}/files/site.safetensors?token=secret`;
  const options = { ...place.options(), sha256: sha256(bytes) };
  const path = await pull(address, options, place.outDir);
  expect(await readFile(path)).toEqual(bytes);
  await pull(address, options, place.outDir);
  expect(place.hub.seen).toHaveLength(1);
  const { origin } = await locateModel(parseModelReference(address), options);
  expect(origin).not.toContain("secret");
});

test("a file about which nothing was published is asked for each time", async () => {
  await using place = await openPullPlace();
  const address = `${place.hub.url}/files/site.pth`;
  for (const seed of [1, 2]) {
    place.hub.addPlain("/files/site.pth", makeBytes(5000, seed));
    const path = await pull(address, place.options(), place.outDir);
    expect(await readFile(path)).toEqual(makeBytes(5000, seed));
  }
});

test("a hash that was given and is not the file's removes the file", async () => {
  await using place = await openPullPlace();
  place.hub.addPlain("/files/site.pth", makeBytes(5000));
  const options = { ...place.options(), sha256: "ab".repeat(32) };
  const pulled = pull(`${place.hub.url}/files/site.pth`, options, place.outDir);
  await expect(pulled).rejects.toMatchObject({
    code: "DOWNLOAD_CORRUPT",
    message: expect.stringMatching(
      new RegExp(`${sha256(makeBytes(5000))}.*${"ab".repeat(32)}`, "u"),
    ),
  });
  expect(await place.files()).toEqual([]);
});
