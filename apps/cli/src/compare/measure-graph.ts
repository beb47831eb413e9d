// A process of its own for one graph: its memory is that of this network and nothing else.
import { openToolSession } from "@sluice/inference-onnx";
import { median } from "../bench/statistics.ts";
import { noise, timeRound } from "../bench/time-session.ts";
import { measureRequestSchema, type Measured, type MeasureRequest } from "./child-messages.ts";

async function measure(request: MeasureRequest): Promise<Measured> {
  const { graphPath, side, rounds, threads } = request;
  const before = process.memoryUsage.rss();
  const startedAt = performance.now();
  await using session = await openToolSession(graphPath, { intraOpThreads: threads });
  const loadMs = performance.now() - startedAt;
  const batches: Measured["batches"] = [];
  for (const batch of request.batches) {
    const input = { data: noise(batch * side * side * 3), shape: [batch, side, side, 3] };
    const run = async (): Promise<void> => void (await session.run(input, ["probabilities"]));
    await run();
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) times.push(await timeRound(run));
    batches.push({ batch, batchMs: median(times) });
  }
  const peak = process.resourceUsage().maxRSS * 1024;
  return { loadMs, memoryBytes: peak - before, batches };
}

process.on("disconnect", () => process.exit(1)); // nobody waits for the figures any more
process.once("message", (message) => {
  measure(measureRequestSchema.parse(message)).then(
    (measured) => process.send?.(measured, () => process.disconnect()),
    (error: unknown) => {
      throw error;
    },
  );
});
