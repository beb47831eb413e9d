import { setTimeout as delay } from "node:timers/promises";
import { CliError } from "../cli-error.ts";
import { EXIT_CODE } from "../exit-code.ts";
import { spawnApp, type AppCommand, type AppExit, type AppProcess } from "./app-process.ts";
import { countCrash, restartDelayMs, type RestartLimits } from "./restart-delay.ts";
import type { StackEvents } from "./stack-events.ts";

export interface SupervisionOptions {
  readonly command: AppCommand;
  readonly limits: RestartLimits;
  /** An app that is not ready after this long is taken for hung. */
  readonly startTimeoutMs: number;
  /** From SIGTERM to SIGKILL; longer than the app's own grace period. */
  readonly stopGraceMs: number;
  readonly events: StackEvents;
  /** Called once when the app cannot go on: its configuration is refused. */
  readonly onFailure: (error: CliError) => void;
}

/**
 * Keeps one app running: started again when it ends by itself, at growing intervals.
 *
 * idle → starting → running ⇄ waiting (between a crash and the next start) → stopped.
 * - `starting` ends in `running` when the app says that it is ready, in an error when it ends before that: the
 *   first start is the administrator's feedback and is not repeated.
 * - `running`: `#life` is the process. Its end leads to `waiting`, or to `stopped` with `onFailure` for exit
 *   code 78 (a wrong configuration does not heal by trying again).
 * - `stop` from any state; nothing is started after it.
 */
export class SupervisedApp implements AsyncDisposable {
  readonly #options: SupervisionOptions;
  readonly #stopping = new AbortController();
  /** The newest process; it may have ended. */
  #life: AppProcess | null = null;
  /** Settled when nothing will be started any more. */
  #keeping: Promise<void> = Promise.resolve();

  constructor(options: SupervisionOptions) {
    this.#options = options;
  }

  /** Resolves with the health port when the app is ready. Throws CliError with the app's exit code. */
  async start(): Promise<number> {
    const { command, startTimeoutMs } = this.#options;
    const startedAtMs = performance.now();
    const life = await this.#launch();
    if (this.#isStopping) {
      await endProcess(life, this.#options.stopGraceMs);
      throw new CliError("STOPPED", `${command.name} was stopped before it was ready`);
    }
    const timeout = new AbortController();
    const port = await Promise.race([
      life.ready,
      life.exited.then((exit) => Promise.reject(startFailure(command.name, exit))),
      delay(startTimeoutMs, undefined, { signal: timeout.signal }).then(() =>
        Promise.reject(startTimeout(command.name, startTimeoutMs)),
      ),
    ]).finally(() => timeout.abort());
    this.#options.events.appReady({ app: command.name, pid: life.pid, port });
    this.#keeping = this.#keepRunning(life, startedAtMs);
    return port;
  }

  /** Returns when the app has ended; may be called in any state and twice. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const life = this.#life;
    if (life !== null) await endProcess(life, this.#options.stopGraceMs);
    await this.#keeping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #keepRunning(firstLife: AppProcess, firstStartMs: number): Promise<void> {
    const { command, events, limits, onFailure } = this.#options;
    let life = firstLife;
    let startedAtMs = firstStartMs;
    let crashes = 0;
    for (;;) {
      const exit = await life.exited;
      if (this.#isStopping) return;
      if (exit.code === EXIT_CODE.configuration) {
        onFailure(startFailure(command.name, exit));
        return;
      }
      crashes = countCrash(crashes, performance.now() - startedAtMs, limits);
      const delayMs = restartDelayMs(crashes, limits);
      events.appEnded({ app: command.name, exit, restartInMs: delayMs });
      await this.#pause(delayMs);
      if (this.#isStopping) return;
      startedAtMs = performance.now();
      life = await this.#launch();
      if (this.#isStopping) return endProcess(life, this.#options.stopGraceMs);
      this.#announceWhenReady(life);
    }
  }

  async #launch(): Promise<AppProcess> {
    this.#life = await spawnApp(this.#options.command);
    return this.#life;
  }

  #announceWhenReady(life: AppProcess): void {
    const { command, events } = this.#options;
    // `ready` never rejects; it stays open when the process ends first, and then nothing is announced.
    void life.ready.then((port) => events.appReady({ app: command.name, pid: life.pid, port }));
  }

  async #pause(delayMs: number): Promise<void> {
    try {
      await delay(delayMs, undefined, { signal: this.#stopping.signal });
    } catch {
      // Aborted by `stop`, which the caller looks at next.
    }
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }
}

async function endProcess(life: AppProcess, graceMs: number): Promise<void> {
  life.kill("SIGTERM");
  const grace = new AbortController();
  const hardStop = delay(graceMs, undefined, { signal: grace.signal }).then(
    () => life.kill("SIGKILL"),
    () => undefined, // aborted: it ended in time
  );
  await life.exited;
  grace.abort();
  await hardStop;
}

function startFailure(app: string, exit: AppExit): CliError {
  const how = exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
  return new CliError(
    "APP_NOT_STARTED",
    `${app} ended before it was ready (${how}); the lines above say why`,
    { exitCode: exit.code === null || exit.code === 0 ? EXIT_CODE.failed : exit.code },
  );
}

function startTimeout(app: string, timeoutMs: number): CliError {
  return new CliError("APP_NOT_STARTED", `${app} was not ready after ${timeoutMs / 1000} s`);
}
