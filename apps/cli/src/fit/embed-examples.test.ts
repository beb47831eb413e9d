import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPictureModel, type PictureModel } from "../pictures/picture-model.ts";
import { makeBadgePlace, type BadgePlace } from "../testing/badge-place.ts";
import { embedExamples } from "./embed-examples.ts";
import { readExamples, type Example } from "./read-examples.ts";

const { signal } = new AbortController();

let place: BadgePlace;
let model: PictureModel;
let examples: readonly Example[];
beforeAll(async () => {
  place = await makeBadgePlace(10);
  model = await openPictureModel(place.features);
  ({ examples } = await readExamples(place.pictures, { maxPictures: 100, signal }));
}, 120_000);
afterAll(async () => {
  await model[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

describe("embeddings of pictures", () => {
  test("are the same alone and in a batch, one row for each in order", async () => {
    const seen: number[] = [];
    const onProgress = (done: number): void => void seen.push(done);
    const all = await embedExamples(examples, model, { signal, onProgress });
    expect(all.examples).toEqual(examples);
    expect(all.features).toHaveLength(20 * all.dimension);
    expect(seen).toEqual([16, 20]);
    const alone = await embedExamples(examples.slice(17, 18), model, { signal, onProgress });
    for (const [i, value] of alone.features.entries()) {
      expect(all.features[17 * all.dimension + i]).toBeCloseTo(value, 4);
    }
  });

  test("are refused of a model that has none", async () => {
    const without = { ...model, directory: model.directory, outputNames: ["logits"] };
    await expect(
      embedExamples(examples, without as PictureModel, { signal, onProgress: () => {} }),
    ).rejects.toThrow(/model\.onnx: gives no embeddings to fit on; take a model that/u);
  });

  test("are not waited for after a stop", async () => {
    const stop = AbortSignal.abort(new Error("stopped by SIGINT"));
    await expect(
      embedExamples(examples, model, { signal: stop, onProgress: () => {} }),
    ).rejects.toThrow("stopped by SIGINT");
  });

  test("leave out a file that went away, and say so", async () => {
    const gone = { path: "/nowhere/gone.jpg", label: "badge", copies: [] };
    const found = await embedExamples([gone, examples[0]!], model, {
      signal,
      onProgress: () => {},
    });
    expect(found.examples).toEqual([examples[0]]);
    expect(found.skipped).toEqual([
      { path: gone.path, reason: expect.stringContaining("ENOENT") as string },
    ]);
  });
});
