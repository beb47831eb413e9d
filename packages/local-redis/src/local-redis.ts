import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { RedisStartError } from "./errors.ts";
import { askRedis } from "./resp.ts";

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
 * Starts it and waits until it answers. The server ends with us: it is our child and stops when `stop` is called.
 *
 * @throws RedisStartError when it does not answer in time, or when another one of ours still uses the folder
 */
export async function startLocalRedis(options: LocalRedisOptions): Promise<LocalRedis> {
  const { dataDir } = options;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await chmod(dataDir, 0o700);
  await refuseSecond(dataDir);
  const port = await freePort();
  const password = randomBytes(24).toString("base64url");
  const config = join(dataDir, "redis.conf");
  await writeFile(config, configuration({ dataDir, port, password }), { mode: 0o600 });
  const child = spawn(options.program, [config], {
    stdio: "ignore",
    cwd: dataDir,
    detached: true, // Ctrl-C reaches the whole terminal group; Redis must outlive the apps that drain into it
  });
  const server = new Server(child, { port, password });
  await untilAnswering(server, options);
  await writeFile(pidPath(dataDir), `${JSON.stringify({ v: 1, port, pid: server.pid })}\n`);
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

function pidPath(dataDir: string): string {
  return join(dataDir, "server.json");
}

/** Two servers on one append-only file would destroy it. */
async function refuseSecond(dataDir: string): Promise<void> {
  let pid: unknown;
  try {
    const content: unknown = JSON.parse(await readFile(pidPath(dataDir), "utf8"));
    pid = typeof content === "object" && content !== null ? Reflect.get(content, "pid") : null;
  } catch {
    return; // no earlier server, or a file that a crash left half-written
  }
  if (typeof pid !== "number" || !(await isRedisProcess(pid))) return;
  throw new RedisStartError(
    `a Redis of ours (process ${pid}) still uses ${dataDir}: another sluice start runs with this data folder; stop it, or choose another dataDir`,
  );
}

/** A process id may have been given to somebody else since: ask for its name as well. */
async function isRedisProcess(pid: number): Promise<boolean> {
  try {
    const name = await readFile(`/proc/${pid}/comm`, "utf8");
    return /^(?:redis|valkey)/u.test(name);
  } catch {
    return false; // no such process
  }
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
    this.url = `redis://:${password}@127.0.0.1:${port}/0`;
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

/** A port that nobody uses now, never Redis' own. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return port === 6379 || port === 0 ? await freePort() : port;
}
