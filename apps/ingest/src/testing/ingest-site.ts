import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { findOrInstallRedis, startLocalRedis, type LocalRedis } from "@sluice/local-redis";

const PATIENCE_MS = 30_000;

/** A folder with uploads, a configuration and a Redis of its own, on which the real ingest process runs. */
export class IngestSite implements AsyncDisposable {
  readonly folder: string;
  readonly redis: LocalRedis;
  readonly #program: string;
  readonly #children: ChildProcess[] = [];

  private constructor(folder: string, redis: LocalRedis, program: string) {
    this.folder = folder;
    this.redis = redis;
    this.#program = program;
  }

  static async make(): Promise<IngestSite> {
    const folder = await mkdtemp(join(tmpdir(), "sluice-ingest-"));
    const program = await findOrInstallRedis({ env: process.env, onInstall: () => undefined });
    const dataDir = join(folder, "redis");
    const redis = await startLocalRedis({ program, dataDir, startTimeoutMs: 20_000 });
    const site = new IngestSite(folder, redis, program);
    await mkdir(site.path("uploads"));
    await site.configure({});
    return site;
  }

  /** Writes sluice.yaml; the source settles after 50 ms unless told otherwise. */
  async configure(source: object, ingest: object = {}): Promise<void> {
    const config = {
      version: 1,
      dataDir: "data",
      roots: { uploads: { folder: "uploads" }, published: { folder: "published" } },
      sources: [{ name: "uploads", kind: "folder", root: "uploads", settleMs: 50, ...source }],
      ensembles: { default: { members: [{ model: "m" }] } },
      policies: {
        default: { mode: "gate", publishTo: "published", forbidden: [{ label: "x", review: 0.5 }] },
      },
      ingest,
      log: { level: "debug", format: "json" },
    };
    await writeFile(this.path("sluice.yaml"), JSON.stringify(config));
  }

  get queue() {
    return { redisUrl: this.redis.url, prefix: "sluice", onError: () => undefined };
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  async upload(name: string, content = "content"): Promise<void> {
    const path = this.path(join("uploads", name));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }

  /** Starts ingest; resolves when it is ready, or has ended. */
  async start(env: Readonly<Record<string, string>> = {}): Promise<IngestProcess> {
    const program = fileURLToPath(new URL("../main.ts", import.meta.url));
    const child = spawn(process.execPath, ["--conditions=@sluice/source", program], {
      env: {
        PATH: process.env["PATH"],
        SLUICE_CONFIG: this.path("sluice.yaml"),
        SLUICE_REDIS_URL: this.redis.url,
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#children.push(child);
    const started = new IngestProcess(child);
    await Promise.race([started.ready, started.exited]);
    return started;
  }

  /** Starts the Redis again that was killed: same port, same data. */
  async restartRedis(): Promise<void> {
    const child = spawn(this.#program, [this.path("redis/redis.conf")], { stdio: "ignore" });
    this.#children.push(child);
    await once(child, "spawn");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    }
    await this.redis.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** An ingest process under test. */
export class IngestProcess {
  readonly child: ChildProcess;
  /** Port of its health server. */
  readonly ready: Promise<number>;
  readonly exited: Promise<number | null>;
  output = "";
  errors = "";

  constructor(child: ChildProcess) {
    this.child = child;
    this.ready = once(child, "message").then(([message]) => Number(message.port));
    this.exited = once(child, "close").then(([code]) => code);
    child.stdout?.on("data", (chunk) => (this.output += String(chunk)));
    child.stderr?.on("data", (chunk) => (this.errors += String(chunk)));
  }

  async get(path: string): Promise<string> {
    const answer = await fetch(`http://127.0.0.1:${await this.ready}${path}`);
    return await answer.text();
  }

  /** Names of its log lines so far. */
  get events(): string[] {
    return [...this.output.matchAll(/"event":"([^"]+)"/gu)].map(([, name]) => name ?? "");
  }

  async stop(): Promise<number | null> {
    this.child.kill("SIGTERM");
    return await this.exited;
  }
}

/** Resolves when it is true; asked again and again, because facts of other processes have no events here. */
export async function until(fact: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadlineMs = Date.now() + PATIENCE_MS;
  while (!(await fact())) {
    if (Date.now() > deadlineMs) throw new Error(`waited in vain: ${what}`);
    await pause(20);
  }
}
