import { z } from "zod";

/** Reason of the abort signal when the process was asked to stop. */
export class StopError extends Error {
  override readonly name = "StopError";
  readonly code = "STOPPED";
}

/** Errors of ours tell how the process should end; sysexits.h: 69 unavailable, 70 software, 78 configuration. */
const expectedErrorSchema = z.object({ code: z.string(), exitCode: z.number().int() });

export interface AppOptions {
  readonly name: string;
  /** Runs until the signal aborts; returns when everything has stopped. */
  readonly main: (context: { readonly signal: AbortSignal }) => Promise<void>;
}

/**
 * Runs a process: SIGTERM and SIGINT ask it to stop, a second one ends it at once. An expected error (one
 * that carries `exitCode`) becomes one message on standard error, never a stack trace; anything else is a bug, printed with
 * its stack, exit code 70.
 */
export async function runApp({ name, main }: AppOptions): Promise<void> {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130); // the second signal: a person insists
    controller.abort(new StopError(`${name} was asked to stop`));
  };
  const orphaned = (): void => controller.abort(new StopError(`${name} has lost its parent`));
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  process.on("disconnect", orphaned);
  try {
    await main({ signal: controller.signal });
  } catch (error) {
    process.exitCode = reportError(name, error);
  } finally {
    process.off("SIGTERM", stop);
    process.off("SIGINT", stop);
    process.off("disconnect", orphaned);
    if (process.connected) process.disconnect();
  }
}

/** Prints an error as a person should see it and says which exit code belongs to it. */
export function reportError(name: string, error: unknown): number {
  if (error instanceof StopError) return 0;
  const expected = expectedErrorSchema.safeParse(error);
  if (expected.success && error instanceof Error) {
    process.stderr.write(`${name}: ${error.message}\n`);
    return expected.data.exitCode;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${name}: unexpected error, please report it: ${text}\n`);
  return 70;
}

/** Tells a parent process that this one is ready; without a parent nothing happens. */
export function announceReady(ready: { readonly port: number }): void {
  process.send?.({ type: "ready", ...ready });
}
