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

  private constructor(redis: LocalRedis, child: ChildProcess) {
    this.redis = redis;
    this.child = child;
    child.stdout?.on("data", (text) => (this.output += String(text)));
    child.stderr?.on("data", (text) => (this.errors += String(text)));
    this.exited = once(child, "close").then(([code, signal]) => ({ code, signal }));
    this.ready = Promise.race([
      once(child, "message").then(([message]: { port: number }[]) => message?.port ?? 0),
      this.exited.then(() => Promise.reject(new Error(`the worker ended: ${this.errors}`))),
    ]);
    this.ready.catch(nothing);
  }

  static async start(site: WorkerSite): Promise<RunningWorker> {
    const program = await findOrInstallRedis({ env: process.env, onInstall: nothing });
    const dataDir = site.path("redis");
    const redis = await startLocalRedis({ program, dataDir, startTimeoutMs: 20_000 });
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
    return new RunningWorker(redis, child);
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

  /** Plays ingest, and moderation until each chunk has its verdict. */
  async classify(chunks: readonly ChunkJob[]): Promise<VerdictJob[]> {
    const verdicts: VerdictJob[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    await using _moderation = await startVerdictConsumer({
      ...this.queue,
      roots: [rootNameSchema.parse("uploads")],
      concurrency: 1,
      lockDurationMs: 5000,
      stalledIntervalMs: 1000,
      handle: async (verdict) => {
        verdicts.push(verdict);
        if (verdicts.length === chunks.length) resolve();
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
    await this.redis.stop();
  }
}
