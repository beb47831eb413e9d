// Draws a folder of pictures: node --conditions=@sluice/source infra/demo-models/src/generate.ts --folder=… --seed=… --count=…
import { parseArgs } from "node:util";

import { generatePictures } from "./generate-pictures.ts";

const { values } = parseArgs({
  options: {
    folder: { type: "string" },
    seed: { type: "string", default: "1" },
    count: { type: "string", default: "16" },
  },
});
if (values.folder === undefined)
  throw new Error("Expected --folder=<path>, the folder to write pictures to.");
const startedAt = performance.now();
const pictures = await generatePictures({
  folder: values.folder,
  seed: Number(values.seed),
  count: Number(values.count),
});
const seconds = (performance.now() - startedAt) / 1000;
process.stdout.write(
  `${pictures.length} pictures in ${seconds.toFixed(1)} s, ${(pictures.length / seconds).toFixed(0)} per second\n`,
);
