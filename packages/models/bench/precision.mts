/**
 * How fast int8 is beside float32 on this machine, with weights by the formula: `node --conditions=@sluice/source
 * packages/models/bench/precision.mts [architecture…]`. Both run in turns; look at the ratio, machines are noisy.
 */
import { cpus } from "node:os";
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

const wanted = process.argv.slice(2);
console.log(`${cpus()[0]?.model}, ${cpus().length} processors`);
for (const architecture of wanted.length === 0 ? DEFAULT : wanted) {
  const float = await formulaModel({ architecture, inputSize: SIDE, classes: CLASSES, gains: [] });
  const quantized = await quantizeForTest(float, { side: SIDE, method: "minmax" });
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
