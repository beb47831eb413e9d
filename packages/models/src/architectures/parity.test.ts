import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { foldBatchNorms } from "../graph/fold-batch-norm.ts";
import { emitOnnx } from "../onnx/emit-graph.ts";
import { defineNamed } from "../names/choose-naming.ts";
import { drawPictures, type Gains } from "../testing/formula.ts";
import { formulaWeights } from "../testing/formula-weights.ts";
import { findNaming, originals, PARITY_FOLDER } from "../testing/originals.ts";
import { loadParameters } from "../weights/load-parameters.ts";
import { findArchitecture } from "./registry.ts";

process.env["ORT_DISABLE_TELEMETRY"] = "1";
const ort = await import("onnxruntime-node");

/** See test/parity/README.md. */
interface Reference {
  readonly library: string;
  readonly architecture: string;
  readonly classes: number;
  readonly inputSize: number;
  readonly gains: Gains;
  readonly logits: readonly (readonly number[])[];
}

const references = globSync("*/*.json", { cwd: PARITY_FOLDER })
  .filter((file) => dirname(file) in originals)
  .toSorted();

describe("the same weights and pictures give the same logits as the original", () => {
  test.each(references)(
    "%s",
    async (file) => {
      const reference: Reference = JSON.parse(await readFile(join(PARITY_FOLDER, file), "utf8"));
      const { library, classes, inputSize, gains, logits } = reference;
      const architecture = findArchitecture(reference.architecture)!;
      const naming = findNaming(library, architecture)!;
      const { graph, parameters } = defineNamed(architecture, naming, { classes, inputSize });
      const theirs = parameters.map(({ name, shape }) => ({ name: naming.rename(name), shape }));
      const weights = await loadParameters(formulaWeights(theirs, gains), {
        parameters,
        rename: naming.rename,
        ignored: [],
      });
      const onnx = Buffer.concat(
        emitOnnx(foldBatchNorms({ graph, weights }), reference.architecture),
      );
      const session = await ort.InferenceSession.create(onnx);
      for (const batch of [1, logits.length]) {
        const pixels = drawPictures(batch, inputSize);
        const input = new ort.Tensor("float32", pixels, [batch, 3, inputSize, inputSize]);
        const outputs = await session.run({ pixel_values: input });
        expect(outputs["logits"]!.dims).toEqual([batch, classes]);
        expect(outputs["embeddings"]!.dims).toEqual([batch, ...graph.embeddings.shape]);
        expect(relativeError(outputs["logits"]!.data as Float32Array, logits)).toBeLessThan(1e-4);
      }
      await session.release();
    },
    60_000,
  );
});

/** Largest deviation over the largest value; `actual` may hold fewer pictures than `expected`. */
function relativeError(actual: Float32Array, expected: Reference["logits"]): number {
  const values = expected.flat();
  const deviations = [...actual].map((value, i) => Math.abs(value - (values[i] ?? Number.NaN)));
  return Math.max(...deviations) / Math.max(...values.map(Math.abs));
}
