import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { RunningApp } from "../harness/running-app.ts";
import { TestRedis } from "../harness/test-redis.ts";
import { siteSettings, TestSite } from "../harness/test-site.ts";
import { until } from "../harness/until.ts";

/** Watches that a user of its own, in a namespace, may have; the folder has more directories. */
const MAX_WATCHES = 20;

test("with more directories than may be watched ingest says how to raise the limit, and finds everything by listing", async () => {
  await using redis = await TestRedis.start();
  await using site = await TestSite.make({ mode: "sweep" });
  const source = { name: "uploads", kind: "folder", root: "uploads", settleMs: 50 };
  await site.configure({
    ...siteSettings("sweep"),
    sources: [{ ...source, reconcileEveryMs: 1000 }],
  });
  const folders = Array.from({ length: 60 }, (_, i) => join(site.uploads, `folder-${i}`));
  for (const folder of folders) await mkdir(folder);
  const script = `echo ${MAX_WATCHES} > /proc/sys/user/max_inotify_watches; exec "$0" "$@"`;
  const limited = {
    inside: (program: string, args: readonly string[]) =>
      ["unshare", ["--user", "--map-root-user", "sh", "-c", script, program, ...args]] as const,
  };
  await using ingest = await RunningApp.start({
    app: "ingest",
    folder: site.folder,
    dataDir: site.path("data"),
    env: { SLUICE_REDIS_URL: redis.url },
    namespace: limited,
  });
  await ingest.told("watcher.degraded");
  expect(await ingest.log()).toMatch(/"code":"ENOSPC".*raise fs\.inotify\.max_user_watches/u);
  for (const folder of folders) await writeFile(join(folder, "late.jpg"), "late");
  const health = await ingest.health();
  await until(
    async () => {
      const metrics = await (await fetch(`${health}/metrics`)).text();
      return /objects_sent_total\{source="uploads"\} 60$/mu.test(metrics) ? true : undefined;
    },
    { what: "all files to be sent", timeoutMs: 60_000, describe: () => ingest.log() },
  );
  const ready = await fetch(`${health}/readyz`);
  expect(await ready.text()).toMatch(/"isReady":true.*max_user_watches/u);
  expect(await (await fetch(`${health}/metrics`)).text()).toMatch(
    /^sluice_ingest_watcher_degraded\{source="uploads"\} 1$/mu,
  );
});
