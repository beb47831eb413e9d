// A lone image through the idle pipeline against a bare session's run and the decoding of the same image, in turn.
// Run: node --conditions=@sluice/source test/bench/idle-latency.ts <picture folder> <model directory> [count]
import { readFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { createImageDecoder } from "@sluice/imaging";
import { openToolSession } from "@sluice/inference-onnx";
import { median } from "../../apps/cli/src/bench/statistics.ts";
import { listPictures, openEngine } from "./engine.ts";

const [folder = "", model = "", count = "200"] = process.argv.slice(2);
const inputs = await listPictures(folder, Number(count));
await using engine = await openEngine(model);
const { specs, deviceMembers } = engine.loaded;
const [spec] = specs;
const [member] = deviceMembers;
if (spec === undefined || member === undefined) throw new Error("expected a model");
await using session = await openToolSession(member.graphPath, { intraOpThreads: 0 });
const decoder = createImageDecoder({ ...engine.settings, specs });

async function bare(path: string | Buffer): Promise<number> {
  const startedAt = performance.now();
  const decoded = await decoder.decode(await readFile(path));
  const data = decoded.kind === "decoded" ? decoded.frames[0]?.[0] : undefined;
  if (data === undefined || spec === undefined) throw new Error(`${String(path)} was not decoded`);
  await session.run({ data, shape: [1, spec.height, spec.width, 3] }, ["probabilities"]);
  return performance.now() - startedAt;
}

const times: { ours: number; bare: number }[] = [];
for (const [index, input] of inputs.entries()) {
  const early = index % 2 === 0 ? await bare(input.path) : null;
  const ours = 1000 * (await engine.classify([input]));
  times.push({ ours, bare: early ?? (await bare(input.path)) });
}
const counted = times.slice(Math.floor(times.length / 10)); // the first ones warm up
const ours = median(counted.map((time) => time.ours));
const theirs = median(counted.map((time) => time.bare));
const ratio = median(counted.map((time) => time.ours / time.bare));
console.log(
  `lone image, p50 of ${counted.length}: pipeline ${ours.toFixed(2)} ms, bare ${theirs.toFixed(2)} ms, ` +
    `${(ours / theirs).toFixed(3)} (median of the pairs' ratios ${ratio.toFixed(3)}), load ${loadavg()[0]?.toFixed(1)}`,
);
