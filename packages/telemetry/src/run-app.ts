import { constants } from "node:os";
import { reportError } from "./report-error.ts";

/** Reason of the abort signal when the process was asked to stop. */
export class StopError extends Error {
  override readonly name = "StopError";
  readonly code = "STOPPED";
  readonly retryable = false;
  readonly exitCode = 0;
}

export interface AppOptions {
  readonly name: string;
  /** Runs until the signal aborts; returns when everything has stopped. */
  readonly main: (context: { readonly signal: AbortSignal }) => Promise<void>;
}

/** How long something may hold the event loop after `main` is done before the process ends all the same. */
const LAST_RESORT_MS = 5000;

/**
 * Runs a process: SIGTERM and SIGINT ask it to stop, a second one ends it at once, and so does a fault that nobody caught (after a bug nothing
 * can be trusted; the work is durable). A lost parent asks it to stop as well. Errors become a message and an exit code by `reportError`.
 */
export async function runApp({ name, main }: AppOptions): Promise<void> {
  const controller = new AbortController();
  const listeners = listen(name, controller);
  try {
    await main({ signal: controller.signal });
  } catch (error) {
    process.exitCode = reportError(name, error);
  } finally {
    listeners.dispose();
    if (process.connected) process.disconnect();
    // Unreferenced: it only fires when a forgotten timer or socket keeps a process alive that has nothing left to do.
    setTimeout(() => process.exit(), LAST_RESORT_MS).unref();
  }
}

/** Tells a parent process that this one is ready; without a parent nothing happens. */
export function announceReady(ready: { readonly port: number }): void {
  process.send?.({ type: "ready", ...ready });
}

function listen(name: string, controller: AbortController): { dispose: () => void } {
  const stop = (signal: "SIGTERM" | "SIGINT"): void => {
    // The second signal: a person insists. 128 + number is what shells give for a process that a signal ended.
    if (controller.signal.aborted) process.exit(128 + constants.signals[signal]);
    controller.abort(new StopError(`${name} was asked to stop`));
  };
  const orphaned = (): void => controller.abort(new StopError(`${name} has lost its parent`));
  const crash = (error: unknown): void => process.exit(reportError(name, error) || BUG);
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  process.on("disconnect", orphaned);
  process.on("uncaughtException", crash); // unhandled rejections end here too
  return {
    dispose() {
      process.off("SIGTERM", stop);
      process.off("SIGINT", stop);
      process.off("disconnect", orphaned);
      process.off("uncaughtException", crash);
    },
  };
}

/** An uncaught error is one even when its class is expected elsewhere. */
const BUG = 70;
