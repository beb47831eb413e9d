import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError, loadConfig } from "@sluice/config";
import type { ChunkJob } from "@sluice/contracts";
import { SqliteJournal } from "@sluice/storage";
import { createLogger, createMetrics, type Metrics } from "@sluice/telemetry";
import { expect, test } from "vitest";
import { createIngestEvents } from "../events.ts";
import { systemClock } from "../system-clock.ts";
import { until } from "../testing/ingest-site.ts";
import { describeLine } from "../testing/line-conformance.ts";
import { makeLogPlace } from "../testing/log-place.ts";
import { openSourceLine } from "./open-source-line.ts";
import type { SourceLine } from "./source-line.ts";

describeLine("nginx-log", async () => await Promise.resolve(makeLogPlace({ listing: true })));
describeLine(
  "nginx-log, by the log alone",
  async () => await Promise.resolve(makeLogPlace({ listing: false })),
);

/** A site whose log is written by hand, and the line that reads it. */
class LogLine implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "sluice-log-line-"));
  readonly sent: ChunkJob[] = [];
  readonly metrics: Metrics = createMetrics();
  readonly #stack = new AsyncDisposableStack();

  constructor() {
    mkdirSync(join(this.folder, "uploads"));
  }

  upload(name: string): void {
    writeFileSync(join(this.folder, "uploads", name), name);
  }

  /** A line of the combined format. */
  log(request: string, status: number): void {
    const line = `192.0.2.1 - - [23/Nov/2026:03:43:02 +0000] "${request} HTTP/1.1" ${status} 0 "-" "-"\n`;
    appendFileSync(join(this.folder, "access.log"), line);
  }

  async open(settings: object): Promise<SourceLine> {
    const source = { name: "web", kind: "nginx-log", root: "uploads", logs: ["access.log"] };
    const config = {
      version: 1,
      roots: { uploads: { folder: "uploads" } },
      sources: [{ ...source, format: "combined", settleMs: 0, ...settings }],
      ensembles: { default: { members: [{ model: "m" }] } },
      policies: { default: { mode: "sweep", forbidden: [] } },
    };
    writeFileSync(join(this.folder, "sluice.yaml"), JSON.stringify(config));
    const loaded = await loadConfig({ env: { SLUICE_CONFIG: "sluice.yaml" }, cwd: this.folder });
    const [first] = loaded.sources;
    if (first === undefined) throw new Error("no source");
    const journal = this.#stack.use(SqliteJournal.open(loaded.ingest.journalPath));
    const log = createLogger({ app: "ingest", level: "silent", format: "json" });
    const line = await openSourceLine(loaded, first, {
      journal,
      chunkSender: {
        send: async (chunk) => {
          this.sent.push(chunk);
          return await Promise.resolve();
        },
        waitingChunks: async () => await Promise.resolve(0),
      },
      clock: systemClock,
      events: createIngestEvents(log, this.metrics),
      onFailed: (error) => {
        throw error;
      },
    });
    await line.start();
    return this.#stack.use(line);
  }

  get paths(): string[] {
    return this.sent.flatMap(({ objects }) => objects.map(({ path }) => path)).toSorted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
    rmSync(this.folder, { recursive: true });
  }
}

test("a file that the log names and the listing finds is sent once, and each finds what the other cannot", async () => {
  await using site = new LogLine();
  site.upload("both.jpg");
  site.upload("unnamed.jpg");
  site.log("PUT /dav/both.jpg", 201);
  const line = await site.open({ uris: [{ prefix: "/dav" }], reconcileEveryMs: 86_400_000 });
  await until(() => site.paths.length >= 2, "both are sent");
  site.upload("later.jpg");
  site.log("PUT /dav/later.jpg", 201);
  await until(() => site.paths.length >= 3, "the later one is sent");
  expect(site.paths).toEqual(["both.jpg", "later.jpg", "unnamed.jpg"]);
  expect(line.readiness(Date.now())).toEqual({
    isReady: true,
    checks: { "web.logs": "1 of 1 can be read", "web.root": "ok" },
  });
});

test("without a listing only what lines name is looked at; a log that is not there is told and waited for", async () => {
  await using site = new LogLine();
  site.upload("unnamed.jpg");
  site.upload("named.jpg");
  const line = await site.open({ uris: [{ prefix: "/dav" }], listing: false });
  expect(line.readiness(Date.now())).toMatchObject({ isReady: false });
  site.log("PUT /dav/named.jpg", 201);
  await until(() => site.paths.length > 0, "the named one is sent");
  expect(site.paths).toEqual(["named.jpg"]);
});

test("an address on this machine is never fetched, not even from the list of origins", async () => {
  await using site = new LogLine();
  let reached = 0;
  const server = createServer((_, response) => {
    reached += 1;
    response.end("secret");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  const fetch = { origins: [origin], uris: [{ prefix: "/media", url: origin }] };
  await site.open({ fetch });
  site.log("PUT /media/a.jpg", 201);
  const told = async () => await site.metrics.registry.metrics();
  await until(async () => (await told()).includes('result="fetch-refused"} 1'), "it is refused");
  expect([reached, site.sent]).toEqual([0, []]);
  server.close();
});

test("a format that cannot be used is a mistake in the configuration", async () => {
  await using site = new LogLine();
  const opened = site.open({ format: "log_format x escape=none '$request $status';" });
  await expect(opened).rejects.toThrow(ConfigError);
  await expect(opened).rejects.toThrow(/sources "web"\.format: .*escape=none lets a client/u);
});
