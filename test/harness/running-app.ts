import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { NODE_ARGUMENTS } from "../../apps/cli/src/stack/node-arguments.ts";
import type { NetworkNamespace } from "./network-namespace.ts";
import { testEnvironment } from "./run-sluice.ts";
import { until } from "./until.ts";

export interface AppOptions {
  readonly app: "ingest" | "worker" | "moderation";
  /** Folder with `sluice.yaml`; its log goes there, too. */
  readonly folder: string;
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string>>;
  /** Where it runs; left out: in the network of the test. */
  readonly namespace?: Pick<NetworkNamespace, "inside">;
}

/** One built app by itself, as a unit of systemd runs it. */
export class RunningApp implements AsyncDisposable {
  readonly #options: AppOptions;
  readonly #child: ChildProcess;

  private constructor(options: AppOptions, child: ChildProcess) {
    this.#options = options;
    this.#child = child;
  }

  /** Starts it and waits for its run file, which it writes when it is ready. */
  static async start(options: AppOptions): Promise<RunningApp> {
    const { app, folder, dataDir, env, namespace } = options;
    const entry = fileURLToPath(new URL(`../../apps/${app}/dist/main.js`, import.meta.url));
    await using log = await open(join(folder, `${app}.log`), "a");
    const line = [process.execPath, [...NODE_ARGUMENTS[app], entry]] as const;
    const [program, args] = namespace?.inside(...line) ?? line;
    const child = spawn(program, args, {
      cwd: folder,
      env: testEnvironment(env),
      stdio: ["ignore", log.fd, log.fd],
    });
    const running = new RunningApp(options, child);
    await until(
      async () => {
        if (child.exitCode !== null) throw new Error(`${app} ended\n${await running.log()}`);
        return (await readFile(join(dataDir, "run", `${app}.json`)).catch(() => null)) ?? undefined;
      },
      { what: `${app} to be ready`, timeoutMs: 60_000, describe: () => running.log() },
    );
    return running;
  }

  /** Where it answers about itself. */
  async health(): Promise<string> {
    const { app, dataDir } = this.#options;
    const text = await readFile(join(dataDir, "run", `${app}.json`), "utf8");
    const { port } = JSON.parse(text) as { port: number };
    return `http://127.0.0.1:${port}`;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async log(): Promise<string> {
    const { folder, app } = this.#options;
    return await readFile(join(folder, `${app}.log`), "utf8").catch(() => "");
  }

  /** Waits until its log has a line of this event. */
  async told(event: string): Promise<void> {
    await until(
      async () => ((await this.log()).includes(`"event":"${event}"`) ? true : undefined),
      {
        what: `${this.#options.app} to tell ${event}`,
        timeoutMs: 60_000,
        describe: () => this.log(),
      },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await ended;
  }
}
