// The pipeline against transformers.js' image-classification pipeline, batches of 8, the same ONNX files and pictures.
// Run: node --conditions=@sluice/source test/bench/against-transformers.ts <pictures> <model directory...> [--rounds=5]
import { basename, dirname, resolve } from "node:path";
import { env, pipeline } from "@huggingface/transformers";
import { listPictures, openEngine } from "./engine.ts";
import { compareInRounds } from "./rounds.ts";

const BATCH = 8;
const flag = process.argv.find((argument) => argument.startsWith("--rounds="));
const rounds = Number(flag?.split("=")[1] ?? 5);
const [folder = "", ...models] = process.argv.slice(2).filter((argument) => argument !== flag);
const inputs = await listPictures(folder);
env.allowRemoteModels = false;

for (const model of models) {
  env.localModelPath = dirname(resolve(model));
  const classify = await pipeline("image-classification", basename(model), {
    dtype: "fp32",
    device: "cpu",
    local_files_only: true,
  });
  await using engine = await openEngine(model);
  const paths = inputs.map(({ path }) => path.toString());
  await compareInRounds(rounds, {
    title: `${basename(model)}, Sluice over transformers.js`,
    ours: async () => inputs.length / (await engine.classify(inputs)),
    theirs: async () => {
      const startedAt = performance.now();
      for (let at = 0; at < paths.length; at += BATCH) {
        await classify(paths.slice(at, at + BATCH), { top_k: 5 });
      }
      return (1000 * paths.length) / (performance.now() - startedAt);
    },
  });
  await classify.dispose();
}
