import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { RecordsView } from "@sluice/storage";
import { expect, test } from "vitest";
import { NetworkNamespace } from "../harness/network-namespace.ts";
import { makePicture } from "../harness/pictures.ts";
import { startRelay } from "../harness/relay.ts";
import { RunningApp } from "../harness/running-app.ts";
import { TestRedis } from "../harness/test-redis.ts";
import { siteSettings, TestSite } from "../harness/test-site.ts";
import { until } from "../harness/until.ts";

const run = promisify(execFile);
/** Of the public internet, and in the namespace of this test ours. */
const PUBLIC = "93.184.216.34";
const SLUICE_OBJECT_KEY = "0123456789abcdef0123456789abcdef";

/** Serves the files of a folder; `/to/<address>` redirects there. */
const SERVER = `
const { createServer } = require("node:http");
const { readFileSync } = require("node:fs");
createServer((request, response) => {
  const [, to] = /^\\/to\\/(.*)/.exec(request.url) ?? [];
  if (to !== undefined) return response.writeHead(302, { location: decodeURIComponent(to) }).end();
  try {
    response.end(readFileSync(process.argv[1] + request.url));
  } catch {
    response.writeHead(404).end();
  }
}).listen(8080, "${PUBLIC}", () => console.log("listening"));`;

test("what a log names on a listed public origin is fetched and decided once; what leads elsewhere reaches nobody", async () => {
  await using redis = await TestRedis.start();
  await using namespace = await NetworkNamespace.open();
  const { hostname: host, port } = new URL(redis.url);
  await using relay = await startRelay(namespace.hostAddress, { host, port: Number(port) });
  let reached = 0;
  const inside = createServer((_, response) => response.end(String(++reached)));
  inside.listen(0, namespace.hostAddress);
  await once(inside, "listening");
  const address = inside.address();
  const privateOrigin = `http://${namespace.hostAddress}:${typeof address === "object" ? address?.port : 0}`;

  await using site = await TestSite.make({ mode: "sweep" });
  const files = site.path("cdn");
  await mkdir(join(files, "m"), { recursive: true });
  await mkdir(site.path("spool"));
  await writeFile(join(files, "m/good.jpg"), await makePicture("flower", 5));
  await writeFile(join(files, "m/bad.jpg"), await makePicture("target", 5));
  await run(...toRun(namespace.inside("ip", ["address", "add", `${PUBLIC}/32`, "dev", "lo"])));
  const server = spawn(...toRun(namespace.inside(process.execPath, ["-e", SERVER, files])));
  await once(server.stdout, "data");

  const origin = `http://${PUBLIC}:8080`;
  await site.configure(fetchSettings({ origins: [origin, privateOrigin], url: `${origin}/m` }));
  const log = site.path("access.log");
  const put = async (path: string): Promise<void> =>
    await appendFile(log, `192.0.2.1 - - [x] "PUT ${path} HTTP/1.1" 201 0 "-" "-"\n`);
  await put("/media/good.jpg");
  await put("/media/bad.jpg");
  await put("/media/none.jpg");
  await put(`/to/${encodeURIComponent(encodeURIComponent(`${privateOrigin}/secret`))}`);
  await put(`/private/secret`);

  const here = { folder: site.folder, dataDir: site.path("data") };
  const env = { SLUICE_REDIS_URL: redis.url, SLUICE_OBJECT_KEY };
  const redisUrl = new URL(redis.url);
  redisUrl.hostname = namespace.hostAddress;
  redisUrl.port = String(relay.port);
  const far = { ...here, namespace, env: { ...env, SLUICE_REDIS_URL: redisUrl.href } };
  try {
    await using _worker = await RunningApp.start({ ...here, env, app: "worker" });
    await using _moderation = await RunningApp.start({ ...here, env, app: "moderation" });
    {
      await using _ingest = await RunningApp.start({ ...far, app: "ingest" });
      await decided(site, 2);
    }
    // A second process reads what the first has written down, and fetches nothing twice.
    await put("/media/good.jpg?again");
    await using _ingest = await RunningApp.start({ ...far, app: "ingest" });
    await decided(site, 3);
    const kinds = decisionsOf(site).map(({ record }) => record.decision);
    expect(kinds.toSorted()).toEqual(["allow", "allow", "quarantine"]);
    expect(reached).toBe(0);
  } finally {
    server.kill("SIGKILL");
    inside.close();
  }
});

function toRun([program, args]: readonly [string, readonly string[]]): [string, string[]] {
  return [program, [...args]];
}

function fetchSettings({ origins, url }: { origins: readonly string[]; url: string }) {
  const settings = siteSettings("sweep");
  const [policy] = Object.values(settings["policies"] as Record<string, { forbidden: unknown }>);
  const [origin = "", privateOrigin = ""] = origins;
  return {
    ...settings,
    roots: { spool: { folder: "spool" } },
    sources: [
      {
        name: "cdn",
        kind: "nginx-log",
        root: "spool",
        logs: ["access.log"],
        format: "combined",
        waitForFileMs: 500,
        fetch: {
          origins,
          uris: [
            { prefix: "/media", url },
            { prefix: "/to", url: `${origin}/to` },
            { prefix: "/private", url: privateOrigin },
          ],
        },
      },
    ],
    policies: { default: { mode: "answer", forbidden: policy?.forbidden } },
  };
}

function decisionsOf(site: TestSite) {
  using records = RecordsView.open(site.path("data/moderation/records.sqlite"));
  return records?.decisions({ limit: 100 }) ?? [];
}

async function decided(site: TestSite, count: number): Promise<void> {
  await until(() => (decisionsOf(site).length >= count ? true : undefined), {
    what: `${count} decisions`,
    timeoutMs: 60_000,
    describe: () => `${decisionsOf(site).length} decisions`,
  });
}
