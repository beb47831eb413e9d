import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findOrInstallRedis, startLocalRedis, type LocalRedis } from "@sluice/local-redis";

const START_TIMEOUT_MS = 20_000;

/** A Redis of the test's own that can be killed and come back with its data at the same address. */
export class TestRedis implements AsyncDisposable {
  readonly #program: string;
  readonly #dataDir: string;
  #server: LocalRedis;

  private constructor(program: string, dataDir: string, server: LocalRedis) {
    this.#program = program;
    this.#dataDir = dataDir;
    this.#server = server;
  }

  static async start(): Promise<TestRedis> {
    const program = await findOrInstallRedis({ env: process.env, onInstall: () => undefined });
    const dataDir = await mkdtemp(join(tmpdir(), "sluice-redis-"));
    return new TestRedis(program, dataDir, await launch(program, dataDir));
  }

  get url(): string {
    return this.#server.url;
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    await this.#server.kill();
  }

  async restart(): Promise<void> {
    const { url } = this;
    this.#server = await launch(this.#program, this.#dataDir);
    if (this.url !== url) throw new Error("another program took the port of the test's Redis");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop();
    await rm(this.#dataDir, { recursive: true, force: true });
  }
}

function launch(program: string, dataDir: string): Promise<LocalRedis> {
  return startLocalRedis({ program, dataDir, startTimeoutMs: START_TIMEOUT_MS });
}
