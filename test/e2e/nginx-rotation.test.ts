import { execFile } from "node:child_process";
import { copyFile, readdir, readFile, rename, truncate } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { LogSite } from "../harness/log-site.ts";
import { NginxServer } from "../harness/nginx-server.ts";
import { putMany } from "../harness/put-load.ts";
import { until } from "../harness/until.ts";

const run = promisify(execFile);
const COUNT = 6000;

/** As logrotate does it: everything one number up, then the log itself. */
async function shift(site: LogSite): Promise<string> {
  const log = site.path("logs/uploads.json");
  const names = (await readdir(site.path("logs")))
    .filter((name) => /json\.\d/u.test(name))
    .toSorted();
  for (const name of names.toReversed()) {
    const [, number = "", gz = ""] = /\.(\d+)(\.gz)?$/u.exec(name) ?? [];
    await rename(site.path(`logs/${name}`), `${log}.${Number(number) + 1}${gz}`);
  }
  return log;
}

async function rotate(site: LogSite, nginx: NginxServer): Promise<void> {
  const log = await shift(site);
  await rename(log, `${log}.1`);
  nginx.reopenLogs();
  await until(
    async () => ((await readdir(site.path("logs"))).includes("uploads.json") ? true : undefined),
    {
      what: "a new log",
      timeoutMs: 10_000,
    },
  );
}

/** Compresses the oldest plain one, when nginx has let go of it. */
async function compress(site: LogSite, nginx: NginxServer): Promise<void> {
  const plain = (await readdir(site.path("logs")))
    .filter((name) => /json\.\d+$/u.test(name))
    .toSorted()
    .at(-1);
  if (plain === undefined) return;
  await nginx.waitUntilClosed(site.path(`logs/${plain}`));
  await run("gzip", [site.path(`logs/${plain}`)]);
}

test("rotated by renaming under load, compressed, with restarts in between: nothing is lost and nothing found twice", async () => {
  await using site = new LogSite();
  await using nginx = await NginxServer.start({ folder: site.folder, workers: 2 });
  await site.start();
  const name = (index: number): string => `${index % 50}/${index}.jpg`;
  const load = putMany({ port: nginx.port, count: COUNT, connections: 8, name });
  const reached = (lines: number) =>
    until(() => (site.lines >= lines ? true : undefined), {
      what: `${lines} lines`,
      timeoutMs: 60_000,
    });
  await reached(COUNT * 0.15);
  await rotate(site, nginx);
  await reached(COUNT * 0.3);
  await rotate(site, nginx);
  await compress(site, nginx);
  await site.stop();
  await rotate(site, nginx);
  await rotate(site, nginx);
  await compress(site, nginx);
  await site.start();
  expect(await load).toBe(COUNT);
  await site.stop();
  await site.start();
  // Lines that were open at a stop are read twice, so they are no measure.
  await until(() => (site.seen >= COUNT && site.isIdle ? true : undefined), {
    what: `${COUNT} files`,
    timeoutMs: 60_000,
    describe: () => `${site.seen} seen, ${site.lines} lines`,
  });
  expect(site.journalled()).toEqual(
    Array.from({ length: COUNT }, (_, index) => name(index)).toSorted(),
  );
  expect(site.seen).toBe(COUNT);
  expect(site.losses).toEqual([]);
});

test("with copytruncate every line that is on the disk is read, and that lines may be lost is told", async () => {
  await using site = new LogSite();
  await using nginx = await NginxServer.start({ folder: site.folder });
  await site.start();
  const name = (index: number): string => `${index}.jpg`;
  const load = putMany({ port: nginx.port, count: COUNT, connections: 8, name });
  for (const share of [0.2, 0.4, 0.6]) {
    await until(() => (site.lines >= COUNT * share ? true : undefined), {
      what: "lines",
      timeoutMs: 60_000,
    });
    const log = await shift(site);
    await copyFile(log, `${log}.1`);
    await truncate(log);
    if (share === 0.4) await run("gzip", [`${log}.2`]);
  }
  expect(await load).toBe(COUNT);
  const onDisk = new Set<string>();
  for (const file of await readdir(site.path("logs"))) {
    if (!file.startsWith("uploads.json")) continue;
    const bytes = await readFile(site.path(`logs/${file}`));
    const text = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("latin1");
    for (const [, path = ""] of text.matchAll(/"path":"\/dav\/(\d+\.jpg)"/gu)) onDisk.add(path);
  }
  await until(() => (site.seen >= onDisk.size && site.isIdle ? true : undefined), {
    what: `${onDisk.size} files`,
    timeoutMs: 60_000,
    describe: () => `${site.seen} seen, ${site.lines} lines`,
  });
  const found = new Set(site.journalled());
  expect([...onDisk].filter((path) => !found.has(path))).toEqual([]);
  expect(site.seen).toBe(found.size);
  expect(new Set(site.losses)).toEqual(new Set(["truncated"]));
  expect(onDisk.size).toBeGreaterThan(COUNT / 2);
});
