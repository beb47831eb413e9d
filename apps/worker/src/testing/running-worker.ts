import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rootNameSchema, type ChunkJob, type VerdictJob } from "@sluice/contracts";
import { findOrInstallRedis, startLocalRedis, type LocalRedis } from "@sluice/local-redis";
import { openChunkSender, startVerdictConsumer } from "@sluice/queue";
import type { WorkerSite } from "./worker-site.ts";

const nothing = (): undefined => undefined;

/** The real worker process on a site, with a Redis of its own; ingest and moderation are played by the test. */
export class RunningWorker implements AsyncDisposable {
  readonly redis: LocalRedis;
  readonly child: ChildProcess;
  /** Port of the health endpoint; rejects when the process ends before it is ready. */
  readonly ready: Promise<number>;
  readonly exited: Promise<{ code: number | null; signal: string | null }>;
  output = "";
  errors = "";

  /** A Redis that the test shares between workers is not this one's to stop. */
  readonly #ownsRedis: boolean;

  private constructor(redis: LocalRedis, child: ChildProcess, ownsRedis: boolean) {
    this.redis = redis;
    this.child = child;
    this.#ownsRedis = ownsRedis;
    child.stdout?.on("data", (text) => (this.output += String(text)));
    child.stderr?.on("data", (text) => (this.errors += String(text)));
    this.exited = once(child, "close").then(([code, signal]) => ({ code, signal }));
    this.ready = Promise.race([
      once(child, "message").then(([message]: { port: number }[]) => message?.port ?? 0),
      this.exited.then(() => Promise.reject(new Error(`the worker ended: ${this.errors}`))),
    ]);
    this.ready.catch(nothing);
  }

  /** @param shared the Redis of another worker; left out: one of its own */
  static async start(site: WorkerSite, shared?: LocalRedis): Promise<RunningWorker> {
    const redis = shared ?? (await startRedis(site.path("redis")));
    const main = new URL("../main.ts", import.meta.url).pathname;
    const measure = new URL("measure-blocking.ts", import.meta.url).pathname;
    const child = spawn(
      process.execPath,
      ["--conditions=@sluice/source", `--import=${measure}`, main],
      {
        env: {
          PATH: process.env["PATH"],
          SLUICE_CONFIG: site.path("sluice.yaml"),
          SLUICE_REDIS_URL: redis.url,
        },
        stdio: ["ignore", "pipe", "pipe", "ipc"],
      },
    );
    return new RunningWorker(redis, child, shared === undefined);
  }

  get queue() {
    return { redisUrl: this.redis.url, prefix: "sluice", onError: nothing };
  }

  async get(path: string): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${await this.ready}${path}`);
    return await response.text();
  }

  /** The log lines of an event. */
  events(name: string): Record<string, unknown>[] {
    return this.output
      .split("\n")
      .filter((line) => line.includes(`"event":"${name}"`))
      .map((line) => JSON.parse(line));
  }

  /** Plays ingest, and moderation until each object has an outcome: a suspect chunk comes back in pieces. */
  async classify(chunks: readonly ChunkJob[]): Promise<VerdictJob[]> {
    const verdicts: VerdictJob[] = [];
    const missing = new Set(chunks.flatMap(({ objects }) => objects.map(({ path }) => path)));
    const { promise, resolve } = Promise.withResolvers<void>();
    await using _moderation = await startVerdictConsumer({
      ...this.queue,
      roots: [rootNameSchema.parse("uploads")],
      concurrency: 1,
      lockDurationMs: 5000,
      stalledIntervalMs: 1000,
      handle: async (verdict) => {
        verdicts.push(verdict);
        for (const { object } of verdict.outcomes) missing.delete(object.path);
        if (missing.size === 0) resolve();
      },
      events: { jobDead: nothing, jobRetried: nothing, jobStalled: nothing },
    });
    await this.send(chunks);
    await promise;
    return verdicts;
  }

  async send(chunks: readonly ChunkJob[]): Promise<void> {
    await using sender = openChunkSender({ ...this.queue, commandTimeoutMs: 5000 });
    for (const chunk of chunks) await sender.send(chunk);
  }

  async stop(): Promise<{ code: number | null; signal: string | null }> {
    this.child.kill("SIGTERM");
    return await this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exited;
    if (this.#ownsRedis) await this.redis.stop();
  }
}

async function startRedis(dataDir: string): Promise<LocalRedis> {
  const program = await findOrInstallRedis({ env: process.env, onInstall: nothing });
  return await startLocalRedis({ program, dataDir, startTimeoutMs: 20_000 });
}
