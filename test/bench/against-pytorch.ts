// The pipeline against the plain PyTorch folder script (plain_folder.py) on the same files, in turn.
// Run: node --conditions=@sluice/source test/bench/against-pytorch.ts <python> <pictures> <model directory...>
//   [--rounds=5] [--workers=0] [--threads=0] [--int8]
// A model directory is named as torchvision names the architecture. The Python needs torch and torchvision.
import { execFile } from "node:child_process";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { z } from "zod";
import { listPictures, openEngine } from "./engine.ts";
import { compareInRounds } from "./rounds.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "5" },
    workers: { type: "string", default: "0" },
    threads: { type: "string", default: "0" },
    int8: { type: "boolean", default: false },
  },
});
const [python = "python3", folder = "", ...models] = positionals;
const inputs = await listPictures(folder);
const script = fileURLToPath(new URL("plain_folder.py", import.meta.url));
const resultSchema = z.object({ images: z.number(), seconds: z.number(), threads: z.number() });

for (const model of models) {
  const precision = values.int8 ? "int8" : "float32";
  await using engine = await openEngine(model, precision);
  const { workers, threads } = values;
  await compareInRounds(Number(values.rounds), {
    title: `${basename(model)} ${precision}, Sluice over PyTorch (${workers} workers, threads ${threads})`,
    ours: async () => inputs.length / (await engine.classify(inputs)),
    theirs: async () => {
      const args = [script, folder, basename(model), "--workers", workers, "--threads", threads];
      const { stdout } = await promisify(execFile)(python, args);
      const { images, seconds } = resultSchema.parse(JSON.parse(stdout));
      return images / seconds;
    },
  });
}
