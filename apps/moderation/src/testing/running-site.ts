import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import {
  chunkJobSchema,
  deriveChunkId,
  sourceNameSchema,
  type SettledJob,
  type VerdictJob,
} from "@sluice/contracts";
import { findOrInstallRedis, startLocalRedis, type LocalRedis } from "@sluice/local-redis";
import {
  openChunkSender,
  openEnsembleDirectory,
  startChunkConsumer,
  startSettledConsumer,
} from "@sluice/queue";
import { ENSEMBLE, GATE, Site } from "./site.ts";

const nothing = () => undefined;
const QUEUE_EVENTS = {
  jobDead: nothing,
  jobRetried: nothing,
  jobStalled: nothing,
  chunkSuspected: nothing,
};

/** A site with its own Redis, on which the real moderation process runs; the worker and ingest are played by us. */
export class RunningSite implements AsyncDisposable {
  readonly site: Site;
  readonly redis: LocalRedis;
  readonly #stack = new AsyncDisposableStack();

  private constructor(site: Site, redis: LocalRedis) {
    this.site = this.#stack.use(site);
    this.redis = this.#stack.use(redis);
  }

  static async make(policy: object = GATE): Promise<RunningSite> {
    const site = await Site.make({ policy });
    const program = await findOrInstallRedis({ env: process.env, onInstall: nothing });
    const dataDir = site.path("redis");
    const redis = await startLocalRedis({ program, dataDir, startTimeoutMs: 20_000 });
    const running = new RunningSite(site, redis);
    const roots = { uploads: { folder: "uploads" }, published: { folder: "published" } };
    const config = {
      version: 1,
      dataDir: "data",
      roots,
      sources: [{ name: "uploads", kind: "folder", root: "uploads" }],
      ensembles: { default: { members: [{ model: "m" }] } },
      policies: { default: policy },
    };
    await writeFile(site.path("sluice.yaml"), JSON.stringify(config));
    const directory = openEnsembleDirectory(running.queue);
    await directory.publish(ENSEMBLE);
    await directory[Symbol.asyncDispose]();
    return running;
  }

  get queue() {
    return { redisUrl: this.redis.url, prefix: "sluice", onError: nothing };
  }

  get env(): Record<string, string> {
    const path = process.env["PATH"] ?? "";
    const config = this.site.path("sluice.yaml");
    return { PATH: path, SLUICE_CONFIG: config, SLUICE_REDIS_URL: this.redis.url };
  }

  /** Starts the process; resolves when it is ready, or has ended. */
  async start(env: Record<string, string> = {}): Promise<Process> {
    const program = new URL("../main.ts", import.meta.url).pathname;
    const child = spawn(process.execPath, ["--conditions=@sluice/source", program], {
      env: { ...this.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const started = new Process(child);
    this.#stack.defer(() => void child.kill("SIGKILL"));
    await Promise.race([started.ready, started.exited]);
    return started;
  }

  /** Plays a worker that hands this verdict on through the real queue. */
  async deliver(verdict: VerdictJob): Promise<void> {
    const { source, root, policy, ensemble } = verdict;
    const objects = verdict.outcomes.map(({ object }) => object);
    const content = { source, root, policy, ensemble, objects };
    const id = deriveChunkId(content);
    const chunk = chunkJobSchema.parse({ v: 1, id, lane: "live", enqueuedAtMs: 1, ...content });
    const { promise: handled, resolve } = Promise.withResolvers<void>();
    await using sender = openChunkSender({ ...this.queue, commandTimeoutMs: 5_000 });
    await using _worker = await startChunkConsumer({
      ...this.queue,
      ensemble,
      concurrency: 1,
      lockDurationMs: 5_000,
      stalledIntervalMs: 1_000,
      events: QUEUE_EVENTS,
      handle: async () => {
        resolve();
        return { ...verdict, chunkId: chunk.id };
      },
    });
    for (;;) {
      try {
        await sender.send(chunk);
        break;
      } catch {
        await new Promise((next) => setImmediate(next)); // the sender fails fast until it is connected
      }
    }
    await handled;
  }

  /** Plays ingest: the next notice. */
  async nextSettled(): Promise<SettledJob> {
    const { promise, resolve } = Promise.withResolvers<SettledJob>();
    await using _ingest = await startSettledConsumer({
      ...this.queue,
      sources: [sourceNameSchema.parse("uploads")],
      handle: async (settled) => resolve(settled),
      events: QUEUE_EVENTS,
    });
    return await promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** A moderation process under test. */
export class Process {
  readonly child: ChildProcess;
  /** Resolves with the port of the health server when it says that it is ready. */
  readonly ready: Promise<number>;
  readonly exited: Promise<{ code: number | null; signal: string | null }>;
  output = "";
  errors = "";

  constructor(child: ChildProcess) {
    this.child = child;
    const { promise, resolve } = Promise.withResolvers<number>();
    this.ready = promise;
    child.stdout?.on("data", (chunk) => {
      this.output += String(chunk);
      const ready = /"event":"app\.ready","port":(\d+)/u.exec(this.output);
      if (ready !== null) resolve(Number(ready[1]));
    });
    child.stderr?.on("data", (chunk) => (this.errors += String(chunk)));
    this.exited = once(child, "close").then(([code, signal]) => ({ code, signal }));
  }

  async stop(): Promise<{ code: number | null; signal: string | null }> {
    this.child.kill("SIGTERM");
    return await this.exited;
  }
}
