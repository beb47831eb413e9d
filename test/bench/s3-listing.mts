// How fast a bucket is listed and compared with the journal, and what the library alone takes for its pages.
// node --conditions=@sluice/source test/bench/s3-listing.mts [keys at radosgw] [keys of the synthetic server]
import { fork } from "node:child_process";
import { once } from "node:events";
import { loadavg } from "node:os";
import { RealBucket } from "../../packages/s3/src/source/testing/real-bucket.ts";
import { Radosgw } from "../harness/radosgw.ts";

const [realKeys = 40_000, syntheticKeys = 1_000_000] = process.argv.slice(2).map(Number);
const CONCURRENCY = 8;

if (realKeys > 0) await measureRadosgw();
if (syntheticKeys > 0) await measureSynthetic();

/** A real server beside us on the same cores; names in 16 folders, and flat ones. */
async function measureRadosgw(): Promise<void> {
  await using radosgw = await Radosgw.start();
  const server = { endpoint: new URL(radosgw.endpoint), credentials: radosgw.credentials };
  const layouts = {
    "16 folders": (n: number) => `folder-${n % 16}/${n}.jpg`,
    "flat names": (n: number) => `img-${String(n).padStart(8, "0")}.jpg`,
  };
  for (const [layout, name] of Object.entries(layouts)) {
    await using bucket = await RealBucket.make(server);
    for (let at = 0; at < realKeys; at += 64) {
      const names = Array.from({ length: Math.min(64, realKeys - at) }, (_, n) => name(at + n));
      await Promise.all(names.map(async (key) => await bucket.put(key, "x")));
    }
    await report(`radosgw, ${layout}`, { ...bucket.settings, ...radosgw.credentials });
  }
}

/** Pages made by a process that does nothing else, so that our side is the limit. */
async function measureSynthetic(): Promise<void> {
  const server = fork(new URL("synthetic-bucket.mts", import.meta.url), [String(syntheticKeys)]);
  const [endpoint] = await once(server, "message");
  const anyKeys = { accessKeyId: "any", secretAccessKey: "any" };
  await report("synthetic, flat names", {
    bucket: "uploads",
    endpoint: String(endpoint),
    ...anyKeys,
  });
  server.kill();
}

interface Where {
  readonly bucket: string;
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

async function report(where: string, { bucket, endpoint, ...keys }: Where): Promise<void> {
  const own = {
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
  };
  for (const how of ["library", "source"]) {
    const child = fork(
      new URL("s3-listing-child.mts", import.meta.url),
      [how, bucket, endpoint, String(CONCURRENCY)],
      { env: { ...process.env, ...own } },
    );
    child.on("message", (line) => console.log(`${where}: ${JSON.stringify(line)}`));
    await once(child, "exit");
  }
  console.log(`load ${loadavg()[0]?.toFixed(1)}`);
}
