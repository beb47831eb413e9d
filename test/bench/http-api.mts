// The HTTP API through the whole stack: what waiting for an answer costs beside the engine's own work, and 2,000 uploads at once.
// Run after `pnpm exec tsc -b`: node --conditions=@sluice/source test/bench/http-api.mts [lone pictures] [uploads at once]
import { mkdir, readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { SluiceClient, SluiceError } from "@sluice/client";
import { drawPicture, PICTURE_KINDS } from "@sluice/demo-models";
import { rasterizeSvg } from "@sluice/imaging";
import { RunningStack } from "../harness/running-stack.ts";
import { TestRedis } from "../harness/test-redis.ts";
import { siteSettings, TestSite } from "../harness/test-site.ts";

const [lone = 60, atOnce = 2000] = process.argv.slice(2).map(Number);

await using redis = await TestRedis.start();
await using site = await TestSite.make({ mode: "sweep" });
await mkdir(site.path("spool"));
const port = 18_471;
await site.configure({
  ...siteSettings("sweep"),
  roots: { spool: { folder: "spool" } },
  sources: [
    { name: "api", kind: "http", root: "spool", port, maxWaitMs: 120_000, maxPending: 1000 },
  ],
  policies: { default: { mode: "answer", forbidden: [] } },
});
await using stack = await RunningStack.start({ site, redisUrl: redis.url });
const client = new SluiceClient({ url: `http://127.0.0.1:${port}` });
const pictures = await Promise.all(Array.from({ length: 40 }, async (_, i) => await draw(i)));
const meanKb = pictures.reduce((sum, { size }) => sum + size, 0) / pictures.length / 1000;
console.log(`${meanKb.toFixed(0)} KB JPEGs, ${availableParallelism()} cores`);

await measureLone();
await measureBurst();

/** One at a time: from the request to the answer, beside the engine's decoding and inference as its worker tells them. */
async function measureLone(): Promise<void> {
  for (let i = 0; i < 10; i += 1) await client.classify(unique(i, 0), { waitMs: 60_000 });
  const before = await engineSeconds();
  const times: number[] = [];
  const steps: number[][] = [];
  for (let i = 0; i < lone; i += 1) {
    const startedAt = performance.now();
    const sentAtMs = Date.now();
    const { answer, timings } = await client.classify(unique(i, 1), { waitMs: 60_000 });
    if (answer === null) throw new Error("no answer");
    times.push(performance.now() - startedAt);
    steps.push([
      timings?.receivedMs ?? 0,
      answer.classifiedAtMs - sentAtMs,
      answer.decidedAtMs - sentAtMs,
    ]);
  }
  const [received, classified, decided] = [0, 1, 2].map((step) =>
    median(steps.map((s) => s[step] ?? 0)),
  );
  console.log(
    `from the request: stored after ${received} ms, classified after ${classified} ms, decided after ${decided} ms (medians)`,
  );
  const after = await engineSeconds();
  const engineMs = (1000 * (after.sum - before.sum)) / lone;
  const p50 = median(times);
  console.log(
    `lone, waiting: p50 ${p50.toFixed(1)} ms; engine ${engineMs.toFixed(1)} ms on average; over it ${(p50 - engineMs).toFixed(1)} ms`,
  );
}

/** All at once: none lost, memory bounded, and what is too much told so. */
async function measureBurst(): Promise<void> {
  const ingest = await stack.pidOf("ingest");
  let peakKb = 0;
  const watch = setInterval(() => {
    void residentKb(ingest).then((kb) => (peakKb = Math.max(peakKb, kb)));
  }, 50);
  const restKb = await residentKb(ingest);
  const startedAt = performance.now();
  const accepted: string[] = [];
  const refused = new Map<number, number>();
  await Promise.all(
    Array.from({ length: atOnce }, async (_, i) => {
      try {
        accepted.push((await client.classify(unique(i, 2))).id);
      } catch (error) {
        const status = error instanceof SluiceError ? error.status : 0;
        refused.set(status, (refused.get(status) ?? 0) + 1);
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  await stack.waitUntilIdle(600_000);
  clearInterval(watch);
  const decided = new Set(stack.decisions().map(({ record }): string => record.path));
  const lost = accepted.filter((id) => !decided.has(id)).length;
  const told = [...refused].map(([status, count]) => `${count} × ${status}`).join(", ") || "none";
  console.log(
    `${atOnce} at once: ${accepted.length} accepted, refused ${told}, in ${seconds.toFixed(1)} s; ${lost} lost; ingest ${(restKb / 1024).toFixed(0)} MB at rest, ${(peakKb / 1024).toFixed(0)} MB at most`,
  );
}

async function draw(index: number): Promise<Blob> {
  const kind = PICTURE_KINDS[index % PICTURE_KINDS.length] ?? "fish";
  const { svg, width, height } = drawPicture({ seed: 11, kind, index });
  const size = `width="1600" height="${Math.round((1600 * height) / width)}" viewBox="0 0 ${width} ${height}"`;
  const larger = svg.replace(`width="${width}" height="${height}"`, size);
  return new Blob([new Uint8Array(await rasterizeSvg(larger, { format: "jpeg", quality: 92 }))]);
}

/** Other bytes each time, so that nothing is remembered: a decoder reads nothing behind the end of a JPEG. */
function unique(index: number, round: number): Blob {
  return new Blob([pictures[index % pictures.length] ?? new Blob([]), `\n${round}-${index}`]);
}

async function engineSeconds(): Promise<{ sum: number }> {
  const url = await stack.readiness("worker");
  const text = await (await fetch(`${url}/metrics`)).text();
  const sum = ["sluice_decode_seconds_sum", "sluice_infer_seconds_sum"]
    .flatMap((name) => [
      ...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? ([\\d.e-]+)$`, "gmu")),
    ])
    .reduce((total, [, value]) => total + Number(value), 0);
  return { sum };
}

async function residentKb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/^VmRSS:\s+(\d+)/mu.exec(status)?.[1] ?? 0);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
