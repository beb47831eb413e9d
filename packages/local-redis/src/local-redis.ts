import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { endEarlierServer } from "./earlier-server.ts";
import { RedisStartError } from "./errors.ts";
import { askRedis } from "./resp.ts";
import { localUrl } from "./running-redis.ts";
import { readServerFile, writeServerFile } from "./server-file.ts";

export interface LocalRedisOptions {
  /** Program as `findOrInstallRedis` gives it. */
  readonly program: string;
  /** Folder for its data, log and password; created with mode 0700. */
  readonly dataDir: string;
  /** How long it may take to load its data and answer. */
  readonly startTimeoutMs: number;
}

/** A Redis of our own: loopback only, a free port, a random password, AOF every second, nothing evicted. */
export interface LocalRedis extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when the server is gone, wanted or not. */
  readonly exited: Promise<{ readonly wasStopped: boolean }>;
  /** Saves and ends it; may be called twice. */
  stop(): Promise<void>;
  /** Ends it at once, as a crash would. For tests of failures. */
  kill(): Promise<void>;
}

/**
 * Starts it and waits until it answers. The same data folder gets the same address again wherever its port is
 * still free, so that clients outlive a crash of the server.
 *
 * @throws RedisStartError when it does not answer in time, or when another one of ours still uses the folder
 */
export async function startLocalRedis(options: LocalRedisOptions): Promise<LocalRedis> {
  const { dataDir } = options;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await chmod(dataDir, 0o700);
  const earlier = await readServerFile(dataDir);
  if (earlier !== null) await endEarlierServer(earlier, dataDir);
  const port = await choosePort(earlier?.port ?? 0);
  const password = earlier?.password ?? randomBytes(24).toString("base64url");
  const config = join(dataDir, "redis.conf");
  await writeFile(config, configuration({ dataDir, port, password }), { mode: 0o600 });
  const child = spawn(options.program, [config], {
    stdio: "ignore",
    cwd: dataDir,
    detached: true, // Ctrl-C reaches the whole terminal group; Redis must outlive the apps that drain into it
  });
  const server = new Server(child, { port, password });
  await untilAnswering(server, options);
  await writeServerFile(dataDir, { v: 1, port, password, pid: server.pid, ownerPid: process.pid });
  return server;
}

/** Configuration lines are quoted by JSON, which Redis' own quoting rules accept. */
function configuration(place: { dataDir: string; port: number; password: string }): string {
  return [
    `port ${place.port}`,
    "bind 127.0.0.1",
    "protected-mode yes",
    `requirepass ${place.password}`,
    `dir ${JSON.stringify(place.dataDir)}`,
    `logfile ${JSON.stringify(join(place.dataDir, "redis.log"))}`,
    "daemonize no",
    "appendonly yes",
    "appendfsync everysec",
    'save ""',
    "maxmemory-policy noeviction",
    "",
  ].join("\n");
}

class Server implements LocalRedis {
  readonly port: number;
  readonly url: string;
  readonly exited: Promise<{ wasStopped: boolean }>;
  readonly #child: ChildProcess;
  readonly #password: string;
  /** True from the first call of `stop` or `kill` on. */
  #isStopping = false;

  constructor(child: ChildProcess, { port, password }: { port: number; password: string }) {
    this.#child = child;
    this.#password = password;
    this.port = port;
    this.url = localUrl({ port, password });
    this.exited = new Promise((resolve) => {
      const finish = (): void => resolve({ wasStopped: this.#isStopping });
      child.on("exit", finish);
      child.on("error", finish);
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get hasExited(): boolean {
    return (
      this.#child.pid === undefined ||
      this.#child.exitCode !== null ||
      this.#child.signalCode !== null
    );
  }

  async ping(): Promise<boolean> {
    try {
      const server = { port: this.port, password: this.#password, timeoutMs: 1000 };
      return (await askRedis(server, ["PING"])) === "+PONG";
    } catch {
      return false; // not up yet, or still loading its data
    }
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    if (!this.hasExited) this.#child.kill("SIGTERM"); // Redis flushes its append-only file on SIGTERM
    await this.exited;
  }

  async kill(): Promise<void> {
    this.#isStopping = true;
    if (!this.hasExited) this.#child.kill("SIGKILL");
    await this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

async function untilAnswering(server: Server, options: LocalRedisOptions): Promise<void> {
  const deadline = AbortSignal.timeout(options.startTimeoutMs);
  while (!(await server.ping())) {
    if (!server.hasExited && !deadline.aborted) {
      await new Promise((resolve) => setTimeout(resolve, 25));
      continue;
    }
    await server.kill();
    throw new RedisStartError(
      `${options.program} did not come up in ${options.dataDir}: see ${join(options.dataDir, "redis.log")} for the reason`,
    );
  }
}

/** The wanted port when nobody uses it now (0: none is wanted), else any free one; never Redis' own. */
async function choosePort(wanted: number): Promise<number> {
  const port = await probe(wanted).catch(() => probe(0));
  return port === 6379 || port === 0 ? await choosePort(0) : port;
}

/** Rejects when the port is taken. */
async function probe(wanted: number): Promise<number> {
  const server = createServer().listen(wanted, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
