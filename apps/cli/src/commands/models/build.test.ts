import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runSluice } from "../../testing/run-sluice.ts";

const demoWeights = resolve(
  import.meta.dirname,
  "../../../../../infra/demo-models/weights/squeezenet1_1.safetensors",
);
let cwd = "";
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "sluice-build-"));
});
afterAll(async () => await rm(cwd, { recursive: true }));

const build = async (...args: string[]) => await runSluice(["models", "build", ...args], cwd);

async function labelsOf(folder: string): Promise<string[]> {
  const config = JSON.parse(await readFile(join(cwd, folder, "config.json"), "utf8"));
  return Object.values(config.id2label);
}

describe("sluice models build", () => {
  test("names ImageNet's classes when there are a thousand", async () => {
    const { code, stderr } = await build("squeezenet1_1", "--random-weights", "--out", "random");
    expect(code).toBe(0);
    expect(stderr).toContain("these weights are random");
    expect((await labelsOf("random")).slice(0, 2)).toEqual(["tench", "goldfish"]);
  });

  test("takes the number of classes from the weights, and numbers them with a warning", async () => {
    const { code, stderr } = await build("squeezenet1_1", "--weights", demoWeights, "--out", "own");
    expect(code).toBe(0);
    expect(stderr).toContain("without --labels");
    expect(await labelsOf("own")).toHaveLength(8);
    expect((await labelsOf("own"))[7]).toBe("class 7");
  });

  test("refuses labels, classes and weights that speak of different numbers", async () => {
    await writeFile(join(cwd, "two.txt"), "cat\ndog\n");
    const args = ["squeezenet1_1", "--weights", demoWeights, "--labels", "two.txt", "--out", "x"];
    const { code, stderr } = await build(...args);
    expect(code).toBe(78);
    expect(stderr).toContain("the labels file has 2, the weights were trained for 8");
    expect((await build(...args, "--classes", "8")).stderr).toContain("--classes says 8");
  });

  test("never invents weights by itself", async () => {
    const { code, stderr } = await build("resnet18", "--out", "no");
    expect(code).toBe(2);
    expect(stderr).toContain("sluice models pull");
  });

  test("only says what it would do with --dry-run", async () => {
    const args = ["squeezenet1_1", "--weights", demoWeights, "--out", "dry", "--dry-run"];
    const { code, stdout } = await build(...args, "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      architecture: "squeezenet1_1",
      classes: 8,
      labels: "numbered",
      isDryRun: true,
    });
    expect(await readdir(cwd)).not.toContain("dry");
  });

  test("finds weights of another architecture with --dry-run too", async () => {
    const args = ["resnet18", "--weights", demoWeights, "--classes", "8", "--out", "dry"];
    const { code, stderr } = await build(...args, "--dry-run");
    expect(code).toBe(78);
    expect(stderr).toContain("the weights do not fit the architecture");
    expect(await readdir(cwd)).not.toContain("dry");
  });

  test("keeps batch norms apart when asked to", async () => {
    const sizes = [];
    for (const more of [[], ["--keep-batch-norm"]]) {
      await build("resnet18", "--random-weights", "--classes", "3", "--out", "norms", ...more);
      const onnx = await readFile(join(cwd, "norms/onnx/model.onnx"));
      sizes.push(onnx.includes("BatchNormalization"));
    }
    expect(sizes).toEqual([false, true]);
  });
});
