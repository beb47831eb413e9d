// One way of listing a bucket, in a process of its own so that its memory is its own. Started by s3-listing.mts.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { sourceNameSchema } from "@sluice/contracts";
import { openBucket, S3Source, type Bucket, type S3Events } from "@sluice/s3";
import { Intake, type Clock } from "@sluice/sources";
import { SqliteJournal } from "@sluice/storage";
import { settingsFor } from "../../packages/s3/src/testing/test-bucket.ts";

const clock: Clock = {
  nowMs: () => Date.now(),
  schedule(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(delayMs, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  },
};

const [how, name = "", endpoint = "", concurrency] = process.argv.slice(2);
using bucket = await openBucket({
  settings: settingsFor(new URL(endpoint), { bucket: name, maxSockets: 64 }),
});
if (how === "library") await listWithLibrary(bucket);
else await listAsSource(bucket);

/** Pages one after another, parsed by the library and thrown away: what one thread can take at most, one request at a time. */
async function listWithLibrary({ client, place }: Bucket): Promise<void> {
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  let keys = 0;
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ ...place, EncodingType: "url", ContinuationToken: token }),
    );
    keys += page.KeyCount ?? 0;
    token = page.NextContinuationToken;
  } while (token !== undefined);
  tell("library alone, one request at a time", {
    keys,
    durationMs: performance.now() - startedAt,
    cpu,
  });
}

/** The whole way into a journal on disk: all of it new, and then all of it known. */
async function listAsSource(from: Bucket): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  using journal = SqliteJournal.open(join(folder, "journal.sqlite"));
  for (const what of ["new", "known"]) {
    const source = sourceNameSchema.parse("uploads");
    const listed = Promise.withResolvers<{ objects: number; durationMs: number }>();
    const silent = (): void => undefined;
    const events: S3Events = {
      bucketListed: listed.resolve,
      bucketUnavailable: ({ error }) => listed.reject(error),
      requestRepeated: silent,
      versioningUnknown: silent,
      listingUnordered: silent,
      eventTaken: silent,
      subscriptionAsked: silent,
      feedFailed: silent,
      feedRecovered: silent,
      webhookListening: silent,
    };
    const common = { source, journal, clock };
    const found = { objectsFound: silent, settlingOverflowed: silent };
    const intake = new Intake({
      ...common,
      settleMs: 0,
      maxSettling: 1000,
      events: found,
      onSeen: silent,
    });
    await using running = new S3Source({
      ...common,
      bucket: from,
      intake,
      events,
      ignore: ["**/*.part", "**/*.tmp", "**/*.crdownload"],
      include: [],
      reconcileEveryMs: 86_400_000,
      timeOrderedPrefixes: [],
      lookBackKeys: 1000,
      fullListingEveryMs: 86_400_000,
      concurrency: Number(concurrency),
      versions: "auto",
      openFeeds: () => [],
      onFailed: listed.reject,
    });
    const cpu = process.cpuUsage();
    await running.start();
    const { objects, durationMs } = await listed.promise;
    tell(`source, ${concurrency} requests at a time, all ${what}`, {
      keys: objects,
      durationMs,
      cpu,
    });
  }
  rmSync(folder, { recursive: true });
}

interface Figures {
  readonly keys: number;
  readonly durationMs: number;
  /** When it began. */
  readonly cpu: NodeJS.CpuUsage;
}

/** CPU time is told besides, because that of others does not count in it. */
function tell(what: string, { keys, durationMs, cpu }: Figures): void {
  const status = readFileSync("/proc/self/status", "utf8");
  const peakMb = Number(/^VmHWM:\s+(\d+) kB$/mu.exec(status)?.[1]) / 1024;
  const { user, system } = process.cpuUsage(cpu);
  const rate = (seconds: number): string =>
    `${seconds.toFixed(1)} s (${Math.round(keys / seconds)} keys/s)`;
  process.send?.(
    `${what}: ${keys} keys in ${rate(durationMs / 1000)}, ${rate((user + system) / 1e6)} of CPU, peak ${peakMb.toFixed(0)} MB`,
  );
}
