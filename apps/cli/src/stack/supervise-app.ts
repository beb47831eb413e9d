import type { SluiceConfig } from "@sluice/config";
import type { CliError } from "../cli-error.ts";
import type { StackApp } from "./app-name.ts";
import type { AppCommand } from "./app-process.ts";
import { builtAppEntry } from "./built-app.ts";
import { NODE_ARGUMENTS } from "./node-arguments.ts";
import { RESTART_LIMITS } from "./restart-delay.ts";
import type { StackEvents } from "./stack-events.ts";
import { SupervisedApp } from "./supervised-app.ts";

export interface SuperviseOptions {
  readonly config: SluiceConfig;
  /** Environment of the app, without the address of Redis. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly redisUrl: string;
  readonly output: AppCommand["output"];
  readonly events: StackEvents;
}

/**
 * An app that is not ready after this long is taken for hung. A worker loads and warms up models, and on a GPU TensorRT may build for
 * minutes: it has limits of its own, below this one, so that its message is the one that is seen.
 */
const START_TIMEOUT_MS = { moderation: 180_000, worker: 20 * 60_000, ingest: 180_000 } as const;

/** The app's own grace period plus time to write down what it has. */
const STOP_MARGIN_MS = 5000;

/** One of the built apps, kept running with this configuration; not started yet. */
export function superviseApp(
  { app, name, env: own }: StackApp,
  options: SuperviseOptions,
  onFailure: (error: CliError) => void,
): SupervisedApp {
  const { config, cwd, env, events, output, redisUrl } = options;
  return new SupervisedApp({
    command: {
      name,
      entry: builtAppEntry(app),
      nodeArgs: NODE_ARGUMENTS[app],
      env: {
        ...env,
        ...own,
        SLUICE_REDIS_URL: redisUrl,
        SLUICE_REDIS_URL_FILE: "",
        ORT_DISABLE_TELEMETRY: "1",
      },
      cwd,
      output,
    },
    limits: RESTART_LIMITS,
    startTimeoutMs: START_TIMEOUT_MS[app],
    stopGraceMs: config[app].shutdownGraceMs + STOP_MARGIN_MS,
    events,
    onFailure,
  });
}
