/**
 * How fast int8 is beside float32 on this machine, with weights by the formula: `node --conditions=@sluice/source
 * packages/models/bench/precision.mts [--weight-bits=8] [architecture…]`. Both run in turns; look at the ratio, machines are noisy.
 */
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { measureSpeed } from "../src/precision/measure-speed.ts";
import { formulaModel } from "../src/testing/formula-model.ts";
import { openTestGraph } from "../src/testing/open-test-graph.ts";
import {
  lookAtOptimized,
  plainPixels,
  plainPreprocessing,
  quantizeForTest,
} from "../src/testing/quantize-for-test.ts";

const DEFAULT = ["resnet50", "googlenet", "squeezenet1_1"];
const CLASSES = 1000;
const SIDE = 224;

const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { "weight-bits": { type: "string", default: "7" } },
});
const weightBits = values["weight-bits"] === "8" ? 8 : 7;
console.log(
  `${cpus()[0]?.model}, ${cpus().length} processors, ${weightBits}-bit weights, load ${loadavg()[0]?.toFixed(1)}`,
);
for (const architecture of wanted.length === 0 ? DEFAULT : wanted) {
  const float = await formulaModel({ architecture, inputSize: SIDE, classes: CLASSES, gains: [] });
  const quantized = await quantizeForTest(float, { side: SIDE, method: "minmax", weightBits });
  const { counts } = await lookAtOptimized(quantized);
  await using first = await openTestGraph(float);
  await using second = await openTestGraph(quantized);
  const speed = await measureSpeed(
    {
      float: first,
      variant: second,
      pictures: plainPixels(8, SIDE),
      preprocessing: plainPreprocessing(SIDE),
    },
    () => performance.now(),
  );
  const { floatPicturesPerSecond, picturesPerSecond, ratio } = speed;
  console.log(
    `${architecture}: ${floatPicturesPerSecond.toFixed(1)} → ${picturesPerSecond.toFixed(1)} pictures/s, ${ratio.toFixed(2)}×`,
    counts,
  );
}
