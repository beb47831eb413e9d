import { locateModel, parseModelReference, readHubSettings } from "@sluice/model-hub";
import type { WeightsLocation } from "@sluice/model-hub";
import { IMAGENET_LABELS, listArchitectures } from "@sluice/models";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { chooseBuild } from "./choose-build.ts";
import { TIMM_NAMES } from "./timm-architectures.ts";

const options = { settings: readHubSettings({}), signal: new AbortController().signal };
const cwd = await mkdtemp(join(tmpdir(), "sluice-build-"));

async function locate(name: string): Promise<WeightsLocation> {
  const location = await locateModel(parseModelReference(name), options);
  if (location.kind !== "weights") throw new Error("expected weights");
  return location;
}

const torchvision = listArchitectures().filter((facts) => facts.source === "torchvision");

test("torchvision publishes most of what can be built", () => {
  expect(torchvision.length).toBeGreaterThan(40);
});

test.each(torchvision)("torchvision:$name is built at its published size", async (facts) => {
  const build = await chooseBuild(await locate(`torchvision:${facts.name}`), { cwd });
  expect(build).toMatchObject({ architecture: facts.name, image: { crop: facts.inputSize } });
  expect(build.labels).toBe(IMAGENET_LABELS);
});

test.each(TIMM_NAMES)("what timm calls %s can be built", async (architecture) => {
  const location = { ...(await locate("torchvision:resnet18")), architecture };
  const build = await chooseBuild(location, { cwd });
  expect(listArchitectures().map((facts) => facts.name)).toContain(build.architecture);
});

test("what was asked for goes before what the source says", async () => {
  await writeFile(join(cwd, "labels.txt"), "a\nb\n");
  const location = { ...(await locate("torchvision:resnet18")), numClasses: 2, labels: ["x", "y"] };
  expect(await chooseBuild(location, { cwd })).toMatchObject({ labels: ["x", "y"] });
  const wishes = { cwd, arch: "resnet34", labels: "labels.txt" };
  expect(await chooseBuild(location, wishes)).toMatchObject({
    architecture: "resnet34",
    labels: ["a", "b"],
  });
});

test("classes that nobody names are not given ImageNet's labels", async () => {
  const location = { ...(await locate("torchvision:resnet18")), numClasses: 21_841 };
  await expect(chooseBuild(location, { cwd })).rejects.toThrow(/no labels for its 21841 classes/u);
});

test("labels and classes must agree", async () => {
  await writeFile(join(cwd, "eight.json"), JSON.stringify(Array.from("abcdefgh")));
  const location = await locate("torchvision:resnet18");
  await expect(chooseBuild(location, { cwd, labels: "eight.json" })).rejects.toThrow(
    /has 1000 classes, and there are 8 labels/u,
  );
});
