import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Preprocessing } from "../directory/preprocessor-config.ts";
import type { CalibrationMethod } from "../precision/choose-range.ts";
import { countOperators, type OperatorCount } from "../precision/count-operators.ts";
import { makeQuantized } from "../precision/make-quantized.ts";
import { readOnnxGraph } from "../precision/onnx-graph.ts";
import type { WeightBits } from "../precision/quantize-weights.ts";
import { openTestGraph } from "./open-test-graph.ts";

/** Pixels of pictures without a model card: -2…2 over all bytes. */
export function plainPreprocessing(side: number): Preprocessing {
  return {
    fit: "shortest-edge",
    resize: side,
    cropHeight: side,
    cropWidth: side,
    interpolation: "bilinear",
    rescale: 1 / 255,
    mean: [0.5, 0.5, 0.5],
    std: [0.25, 0.25, 0.25],
  };
}

/** uint8 RGB rows; triangle waves, another frequency in each picture. */
export function plainPixels(count: number, side: number): Uint8Array[] {
  return Array.from({ length: count }, (_, n) =>
    Uint8Array.from({ length: side * side * 3 }, (__, i) => {
      const [x, y] = [Math.floor(i / 3) % side, Math.floor(i / 3 / side)];
      const wave = (x * (1 + n) + y * (2 + 3 * n) + ((x * y) >> 3) * (n & 3) + 21 * (i % 3)) % 64;
      return Math.abs(wave - 32) * 7.9;
    }),
  );
}

/** The int8 form of a model, calibrated on `plainPixels`. */
export async function quantizeForTest(
  model: Buffer,
  options: {
    readonly side: number;
    readonly method?: CalibrationMethod;
    readonly weightBits?: WeightBits;
  },
): Promise<Buffer> {
  const { side, method = "entropy", weightBits = 7 } = options;
  const { onnx } = await makeQuantized({
    graph: readOnnxGraph(model, "test"),
    pictures: plainPixels(4, side),
    preprocessing: plainPreprocessing(side),
    openGraph: openTestGraph,
    onProgress: () => undefined,
    method,
    weightBits,
  });
  return Buffer.concat(onnx);
}

/** What ONNX Runtime makes of a model. */
export async function lookAtOptimized(model: Uint8Array): Promise<OperatorCount> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-test-"));
  const optimizedGraphPath = join(folder, "optimized.onnx");
  try {
    await using _session = await openTestGraph(model, { optimizedGraphPath });
    return countOperators(await readFile(optimizedGraphPath), optimizedGraphPath);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
