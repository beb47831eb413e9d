// The whole stack, idle: time from a file's being closed to its decision's being recorded; then a worker is killed, and its pictures must
// be decided by the next one. Build first. Run: node --conditions=@sluice/source test/bench/whole-way.ts [pictures] [kills]
import { copyFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { join } from "node:path";
import { makeManyPictures } from "../harness/pictures.ts";
import { RunningStack } from "../harness/running-stack.ts";
import { TestRedis } from "../harness/test-redis.ts";
import { TestSite } from "../harness/test-site.ts";

const [pictures = 200, kills = 5] = process.argv.slice(2).map(Number);

/** As `siteSettings` has it. */
const SETTLE_MS = 100;

/** Pictures that a killed worker has before it. */
const BURST = 100;

await using redis = await TestRedis.start();
await using site = await TestSite.make({ mode: "gate" });
await using stack = await RunningStack.start({ site, redisUrl: redis.url });
const names = await makeManyPictures(site.path("staging"), pictures + kills * BURST);
await upload(names[0] ?? "");
await stack.waitForDecisions(1);

const closedAtMs = new Map<string, number>();
for (const [index, name] of names.slice(1, pictures).entries()) {
  await upload(name);
  closedAtMs.set(name, Date.now());
  await stack.waitForDecisions(index + 2);
}
const latencies = stack
  .wholeDecisions()
  .flatMap(({ record: { path, decidedAtMs } }) => {
    const closed = closedAtMs.get(path);
    return closed === undefined ? [] : [decidedAtMs - closed - SETTLE_MS];
  })
  .toSorted((a, b) => a - b);
const [p50, p99] = [0.5, 0.99].map((part) => latencies[Math.floor(latencies.length * part)] ?? 0);
console.log(
  `${latencies.length} lone pictures: p50 ${p50} ms, p99 ${p99} ms above the settle time, load ${load()}`,
);

for (let kill = 0; kill < kills; kill++) {
  const first = pictures + kill * BURST;
  const before = stack.countDecisions();
  await Promise.all(names.slice(first, first + BURST).map(upload));
  await stack.waitForDecisions(before + 10);
  await stack.kill("worker");
  const killedAt = performance.now();
  await stack.waitForDecisions(before + BURST);
  const seconds = (performance.now() - killedAt) / 1000;
  console.log(`worker killed: all decided ${seconds.toFixed(1)} s later, load ${load()}`);
}

async function upload(name: string): Promise<void> {
  await copyFile(site.path("staging", name), join(site.uploads, name));
}

function load(): string {
  return (loadavg()[0] ?? Number.NaN).toFixed(1);
}
