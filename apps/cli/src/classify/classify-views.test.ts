import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findModelCard, generatePictures } from "@sluice/demo-models";
import { buildFromCard } from "@sluice/models";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPictureModel } from "../pictures/picture-model.ts";
import { runSluice } from "../testing/run-sluice.ts";
import { writeTinyModel } from "../testing/tiny-model.ts";

let cwd = "";
let picture = "";
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "sluice-views-"));
  await buildFromCard(findModelCard("squeezenet1_1"), join(cwd, "squeezenet"));
  const drawn = await generatePictures({ folder: join(cwd, "photos"), seed: 33, count: 6 });
  picture = join("photos", drawn[0]!.name);
});
afterAll(async () => await rm(cwd, { recursive: true }));

interface Line {
  readonly scores: readonly { readonly label: string; readonly score: number }[];
  readonly embedding?: { model: string; dimensions: number; f16: string };
}

async function classify(...args: string[]) {
  const { code, stdout, stderr } = await runSluice(["classify", ...args], cwd);
  const lines = stdout === "" || code === 2 ? [] : stdout.trimEnd().split("\n");
  return { code, stderr, lines: lines.map((line): Line => JSON.parse(line)) };
}

/** Of one picture, float16 from base64. */
function numbersOf({ embedding }: Line): number[] {
  const bytes = Buffer.from(embedding!.f16, "base64");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: embedding!.dimensions }, (_, i) => view.getFloat16(2 * i, true));
}

/** Float32, by way of `fit`'s own session. */
async function embed(views: "center" | "center+flip" | "five-crop"): Promise<number[][]> {
  await using model = await openPictureModel(join(cwd, "squeezenet"), "float32", views);
  const pixels = await model.prepare(join(cwd, picture));
  if (!(pixels instanceof Uint8Array)) throw new Error(pixels.reason);
  const { data } = (await model.run([pixels], ["embeddings"])).get("embeddings")!;
  const dimensions = data.length / model.views;
  return Array.from({ length: model.views }, (_, view) =>
    Array.from(data.subarray(view * dimensions, (view + 1) * dimensions)),
  );
}

test.each(["center", "center+flip", "five-crop"] as const)(
  "with %s the embedding is the mean of what the model gives, within a thousandth",
  async (views) => {
    const ensemble = { members: [{ model: "squeezenet" }], views, embeddings: "squeezenet" };
    await writeFile(join(cwd, "views.yaml"), JSON.stringify(ensemble));
    const args = [picture, "--ensemble", "views.yaml", "--jsonl"];
    const { lines, stderr } = await classify(...args, "--embeddings");
    expect(stderr).toBe("");
    const numbers = numbersOf(lines[0]!);
    expect(numbers).toHaveLength(512);
    const perView = await embed(views);
    for (const [i, number] of numbers.entries()) {
      const mean = perView.reduce((sum, view) => sum + view[i]!, 0) / perView.length;
      expect(Math.abs(number - mean)).toBeLessThanOrEqual(1e-3 * Math.abs(mean) + 1e-6);
    }
    const without = await classify(...args);
    expect(without.lines[0]).not.toHaveProperty("embedding");
    expect(without.lines[0]!.scores).toEqual(lines[0]!.scores);
  },
);

test("the only member need not be named", async () => {
  const { lines } = await classify(picture, "--model", "squeezenet", "--jsonl", "--embeddings");
  expect(lines[0]!.embedding).toMatchObject({ model: "squeezenet", dimensions: 512 });
});

test("what cannot be given is refused with what to do", async () => {
  const tiny = await writeTinyModel(cwd);
  const asked = [picture, "--jsonl", "--embeddings"];
  const none = await classify(...asked, "--model", tiny);
  expect([none.code, none.stderr]).toEqual([78, expect.stringMatching(/gives no embeddings/u)]);
  const two = await classify(...asked, "--model", "squeezenet", tiny);
  expect([two.code, two.stderr]).toEqual([2, expect.stringMatching(/several members/u)]);
  const csv = await classify(picture, "--model", "squeezenet", "--csv", "--embeddings");
  expect([csv.code, csv.stderr]).toEqual([2, expect.stringMatching(/goes with --jsonl/u)]);
  const members = [{ model: "squeezenet" }];
  await writeFile(join(cwd, "wrong.yaml"), JSON.stringify({ members, embeddings: "resnet" }));
  const wrong = await classify(...asked, "--ensemble", "wrong.yaml");
  expect([wrong.code, wrong.stderr]).toEqual([
    78,
    expect.stringMatching(/no member is called resnet.*squeezenet, or none/u),
  ]);
});
