import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { open, readFile } from "node:fs/promises";
import { usedEnsembles, type SluiceConfig } from "@sluice/config";
import { readQueueStatus } from "@sluice/queue";
import { RecordsView, SqliteJournal, type DecisionView } from "@sluice/storage";
import { findChildren, isAlive } from "./processes.ts";
import { builtCli, testEnvironment } from "./run-sluice.ts";
import type { TestSite } from "./test-site.ts";
import { until } from "./until.ts";

export type AppName = "ingest" | "worker" | `worker-${string}` | "moderation";

/** One worker for each ensemble, when there are several. */
function appsOf(config: SluiceConfig): readonly AppName[] {
  const workers: readonly AppName[] =
    config.ensembles.size > 1
      ? usedEnsembles(config).map((ensemble): AppName => `worker-${ensemble}`)
      : ["worker"];
  return ["ingest", ...workers, "moderation"];
}

export interface StackOptions {
  readonly site: TestSite;
  readonly redisUrl: string;
  readonly env?: Readonly<Record<string, string>>;
}

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 60_000;

/** `sluice start` on a test's site, with what a test wants to know of it and do to it. */
export class RunningStack implements AsyncDisposable {
  readonly config: SluiceConfig;
  readonly #site: TestSite;
  readonly #redisUrl: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;

  private constructor(
    options: StackOptions,
    { config, child }: { config: SluiceConfig; child: ChildProcess },
  ) {
    this.#site = options.site;
    this.#redisUrl = options.redisUrl;
    this.config = config;
    this.#child = child;
    this.#exited = once(child, "exit");
  }

  /** Starts it and waits until every app says that it is ready. */
  static async start(options: StackOptions): Promise<RunningStack> {
    const { site, redisUrl, env = {} } = options;
    const config = await site.loadConfig();
    await using log = await open(site.path("sluice.log"), "a");
    const child = spawn(process.execPath, [builtCli(), "start"], {
      cwd: site.folder,
      env: testEnvironment({ ...env, SLUICE_REDIS_URL: redisUrl }),
      stdio: ["ignore", log.fd, log.fd],
    });
    const stack = new RunningStack(options, { config, child });
    await stack.waitUntilReady();
    return stack;
  }

  async waitUntilReady(): Promise<void> {
    for (const app of appsOf(this.config)) await this.readiness(app);
  }

  /** Waits for an app to be ready and gives its health address. */
  readiness(app: AppName): Promise<string> {
    return until(
      async () => {
        if (this.#child.exitCode !== null)
          throw new Error(`sluice start ended\n${await this.log()}`);
        const file = await this.#runFile(app);
        if (file === null) return undefined;
        const url = `http://127.0.0.1:${file.port}`;
        const response = await fetch(`${url}/readyz`).catch(() => null);
        return response?.ok === true ? url : undefined;
      },
      { what: `${app} to be ready`, timeoutMs: START_TIMEOUT_MS, describe: () => this.log() },
    );
  }

  /** Kills an app, or the worker's engine, with SIGKILL; the supervision starts it again. */
  async kill(target: AppName | "engine"): Promise<void> {
    process.kill(await this.pidOf(target), "SIGKILL");
  }

  pidOf(target: AppName | "engine"): Promise<number> {
    return until(
      async () => {
        const app = await this.#runFile(target === "engine" ? "worker" : target);
        if (app === null) return undefined;
        if (target !== "engine") return app.pid;
        const [engine] = await findChildren(app.pid, "/engine/");
        return engine;
      },
      { what: `a process of ${target}`, timeoutMs: 20_000, describe: () => this.log() },
    );
  }

  /** Decisions so far. */
  countDecisions(): number {
    using records = RecordsView.open(this.config.moderation.databasePath);
    if (records === null) return 0;
    return Object.values(records.counts().decisions).reduce((sum, count) => sum + count, 0);
  }

  /** Waits until there are so many decisions. */
  async waitForDecisions(count: number, timeoutMs = 60_000): Promise<void> {
    await until(() => (this.countDecisions() >= count ? true : undefined), {
      what: `${count} decisions`,
      timeoutMs,
      describe: async () => `${this.countDecisions()} decisions\n${await this.log()}`,
    });
  }

  /** Newest first, with all that explains them. */
  decisions(): readonly DecisionView[] {
    using records = RecordsView.open(this.config.moderation.databasePath);
    return records?.decisions({ limit: 1_000_000 }) ?? [];
  }

  /**
   * Decisions about whole files. A version that was seen half-written on a busy machine ends as `gone`, rightly,
   * beside the decision about the file that it became.
   */
  wholeDecisions(): readonly DecisionView[] {
    return this.decisions().filter(({ record }) => record.decision !== "gone");
  }

  /** Paths that were decided about and that nobody uploaded: a private name of ours, seen in passing. */
  decidedStrangers(names: readonly string[]): readonly string[] {
    const uploaded = new Set(names);
    return this.decisions()
      .map(({ record }) => record.path)
      .filter((path) => !uploaded.has(path));
  }

  /** Paths with more than one such decision, each in a line that says about which version and why. */
  decidedTwice(): readonly string[] {
    const byPath = Map.groupBy(this.wholeDecisions(), ({ record }) => record.path);
    return [...byPath.values()]
      .filter((views) => views.length > 1)
      .flat()
      .map(({ record: { path, version, decision, rule } }) =>
        [path, version, decision, JSON.stringify(rule)].join(" "),
      );
  }

  /** Waits until nothing is on its way: journal, queues and effects are at rest. */
  async waitUntilIdle(timeoutMs = 60_000): Promise<void> {
    await until(async () => ((await this.#unfinished()) === 0 ? true : undefined), {
      what: "everything to be decided and done",
      timeoutMs,
      describe: async () => `${await this.#unfinished()} unfinished\n${await this.log()}`,
    });
  }

  /** The last lines that the apps wrote. */
  async log(): Promise<string> {
    const text = await readFile(this.#site.path("sluice.log"), "utf8").catch(() => "");
    return text.split("\n").slice(-40).join("\n");
  }

  /** Kills `sluice start` itself with SIGKILL and waits until the apps have noticed and ended. */
  async killSupervisor(): Promise<void> {
    const pids = await Promise.all(appsOf(this.config).map((app) => this.pidOf(app)));
    this.#child.kill("SIGKILL");
    await this.#exited;
    await until(() => (pids.some(isAlive) ? undefined : true), {
      what: "the apps to end after their supervisor",
      timeoutMs: STOP_TIMEOUT_MS,
      describe: () => this.log(),
    });
  }

  /** SIGTERM, and waits for the end; gives the exit code. */
  async stop(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill("SIGTERM");
    }
    await Promise.race([
      this.#exited,
      until(() => undefined, { what: "sluice start to end", timeoutMs: STOP_TIMEOUT_MS }),
    ]);
    return this.#child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Null while there is none: the app starts, or has stopped. */
  async #runFile(app: AppName): Promise<{ pid: number; port: number } | null> {
    const path = `${this.config.http.runDir}/${app}.json`;
    const text = await readFile(path, "utf8").catch(() => null);
    if (text === null) return null;
    const { pid, port } = JSON.parse(text) as { pid: number; port: number };
    return { pid, port };
  }

  async #unfinished(): Promise<number> {
    const queues = await readQueueStatus({
      redisUrl: this.#redisUrl,
      prefix: this.config.redis.prefix,
      onError: () => undefined,
      ensembles: usedEnsembles(this.config),
      roots: this.config.sources.map(({ root }) => root),
      sources: this.config.sources.map(({ name }) => name),
    });
    const inQueues = queues.reduce((sum, q) => sum + q.waiting + q.active + q.delayed, 0);
    using journal = SqliteJournal.open(this.config.ingest.journalPath);
    const rows = this.config.sources.map(({ name }) => journal.counts(name));
    const inJournal = rows.reduce((sum, r) => sum + r.seen + r.assigned + r.queued, 0);
    using records = RecordsView.open(this.config.moderation.databasePath);
    return inQueues + inJournal + (records?.counts().openEffects ?? 0);
  }
}
