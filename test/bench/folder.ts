// A folder source in its real process with a real Redis: 100,000 files that are there at its start, then a burst of 30,000 while
// the process stands still, threads and all. Run after `pnpm exec tsc -b`:
// node --conditions=@sluice/source test/bench/folder.ts [files] [burst]
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { availableParallelism, loadavg } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { sourceNameSchema } from "@sluice/contracts";
import { SqliteJournal } from "@sluice/storage";
import { RunningApp } from "../harness/running-app.ts";
import { TestRedis } from "../harness/test-redis.ts";
import { siteSettings, TestSite } from "../harness/test-site.ts";
import { peakMb, residentMb, threadSeconds } from "./process-facts.ts";

const [files = 100_000, burst = 30_000] = process.argv.slice(2).map(Number);
/** How long the process stands still while the burst comes. */
const STILL_MS = 3000;
/** After so long what is not there is lost. */
const PATIENCE_MS = 120_000;
const uploads = sourceNameSchema.parse("uploads");

await using redis = await TestRedis.start();
await using site = await TestSite.make({ mode: "sweep" });
const settings = siteSettings("sweep");
const source = { name: "uploads", kind: "folder", root: "uploads" };
await site.configure({
  ...settings,
  sources: [source],
  ingest: { maxWaitingChunks: 100_000, resendAfterMs: 3_600_000 },
});
writeFiles(files, "old");
const startedAt = performance.now();
await using ingest = await RunningApp.start({
  app: "ingest",
  folder: site.folder,
  dataDir: site.path("data"),
  env: { SLUICE_REDIS_URL: redis.url },
});
const journal = SqliteJournal.open(site.path("data", "ingest", "journal.sqlite"));
const readySeconds = (performance.now() - startedAt) / 1000;
const seconds = await untilQueued(files, startedAt);
const journalBytes = ["", "-wal"]
  .map((end) => statSync(`${site.path("data", "ingest", "journal.sqlite")}${end}`).size)
  .reduce((sum, size) => sum + size, 0);
console.log(
  `${files} files, ${availableParallelism()} cores, load ${load()}: ready after ${readySeconds.toFixed(1)} s, all enqueued ${seconds.toFixed(1)} s after the start, ${(await cpuSeconds()).toFixed(1)} s of CPU time; ${(await peakMb(ingest.pid)).toFixed(0)} MB at most, ${(await residentMb(ingest.pid)).toFixed(0)} MB at the end; journal ${(journalBytes / files).toFixed(0)} bytes a row with its log`,
);

process.kill(ingest.pid, "SIGSTOP");
const stoppedAt = performance.now();
writeFiles(burst, "new");
await pause(Math.max(0, STILL_MS - (performance.now() - stoppedAt)));
process.kill(ingest.pid, "SIGCONT");
const continuedAt = performance.now();
const caughtUp = await untilQueued(files + burst, continuedAt);
console.log(
  `burst of ${burst} while it stood still for ${((continuedAt - stoppedAt) / 1000).toFixed(1)} s: ${files + burst - queued()} lost, all enqueued ${caughtUp.toFixed(1)} s later; ${(await peakMb(ingest.pid)).toFixed(0)} MB at most, load ${load()}`,
);
journal[Symbol.dispose]();

/** 100 to a directory, 2 KB each, in a process of its own. */
function writeFiles(count: number, name: string): void {
  const script = `
    const { mkdirSync, writeFileSync } = require("node:fs");
    const content = Buffer.alloc(2000, "x");
    for (let i = 0; i < ${count}; i++) {
      const folder = "${name}-" + Math.floor(i / 100);
      if (i % 100 === 0) mkdirSync(folder);
      writeFileSync(folder + "/" + i + ".jpg", content);
    }`;
  execFileSync(process.execPath, ["-e", script], { cwd: join(site.uploads) });
}

/** Of all threads of the process together. */
async function cpuSeconds(): Promise<number> {
  const threads = await threadSeconds(ingest.pid);
  return [...threads.values()].reduce((sum, { seconds: of }) => sum + of, 0);
}

function queued(): number {
  const counts = journal.counts(uploads);
  return counts.queued;
}

/** Seconds from a moment until so many are enqueued. */
async function untilQueued(count: number, sinceMs: number): Promise<number> {
  while (queued() < count && performance.now() - sinceMs < PATIENCE_MS) await pause(20);
  return (performance.now() - sinceMs) / 1000;
}

function load(): string {
  return (loadavg()[0] ?? Number.NaN).toFixed(1);
}
