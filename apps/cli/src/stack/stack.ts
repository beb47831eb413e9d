import type { SluiceConfig } from "@sluice/config";
import { listStackApps, STOP_ORDER, type AppName } from "./app-name.ts";
import type { AppCommand } from "./app-process.ts";
import type { StackEvents } from "./stack-events.ts";
import { superviseApp } from "./supervise-app.ts";
import type { SupervisedApp } from "./supervised-app.ts";

export interface StackOptions {
  readonly config: SluiceConfig;
  /** Environment of the apps, without the address of Redis. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly redisUrl: string;
  readonly output: AppCommand["output"];
  readonly events: StackEvents;
  readonly signal: AbortSignal;
}

export interface Stack extends AsyncDisposable {
  /** Rejects when an app cannot go on; never resolves. */
  readonly failure: Promise<never>;
  /** Stops everything in order; may be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts moderation, worker and ingest together and keeps them running. Throws CliError, with the exit code of the
 * app that could not start, after the others have stopped, or the signal's reason.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  options.signal.throwIfAborted();
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => undefined); // whoever waits for it gets it; nobody has to
  const apps = listStackApps(options.config).map((app) => ({
    ...app,
    supervised: superviseApp(app, options, failure.reject),
  }));
  const stop = () => stopInOrder(apps);
  const stopEarly = (): void => void stop();
  options.signal.addEventListener("abort", stopEarly);
  try {
    await Promise.all(apps.map(async ({ supervised }) => await supervised.start()));
    return {
      failure: failure.promise,
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    options.signal.removeEventListener("abort", stopEarly);
  }
}

async function stopInOrder(
  apps: readonly { readonly app: AppName; readonly supervised: SupervisedApp }[],
): Promise<void> {
  for (const app of STOP_ORDER) {
    const of = apps.filter((one) => one.app === app);
    await Promise.all(of.map(async ({ supervised }) => await supervised.stop()));
  }
}
