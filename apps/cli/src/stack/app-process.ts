import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { once } from "node:events";
import process from "node:process";

/** How one app is run. */
export interface AppCommand {
  readonly name: string;
  /** Absolute path of the JavaScript file that Node runs. */
  readonly entry: string;
  readonly args?: readonly string[];
  /** Arguments of Node itself. */
  readonly nodeArgs?: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** File descriptors for the app's stdout and stderr. */
  readonly output: { readonly stdout: "inherit" | number; readonly stderr: "inherit" | number };
}

/** How a process ended. */
export interface AppExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One life of an app. */
export interface AppProcess {
  readonly pid: number;
  /** Resolves with the port of its health endpoint; never when it ends before it is ready. */
  readonly ready: Promise<number>;
  readonly exited: Promise<AppExit>;
  kill(signal: NodeJS.Signals): void;
}

/**
 * Starts an app in a process group of its own: Ctrl-C in a terminal signals a whole group, and the apps must be
 * stopped in order, Redis last, by us alone. Should we die, the closed channel tells the app to stop.
 * Throws when Node cannot be started.
 */
export async function spawnApp(command: AppCommand): Promise<AppProcess> {
  const { stdout, stderr } = command.output;
  const stdio: StdioOptions = ["ignore", stdout, stderr, "ipc"];
  const child = spawn(
    process.execPath,
    [...(command.nodeArgs ?? []), command.entry, ...(command.args ?? [])],
    {
      stdio,
      cwd: command.cwd,
      env: command.env,
      detached: true,
    },
  );
  const exited = watchExit(child);
  await once(child, "spawn");
  return {
    pid: child.pid ?? 0,
    ready: watchReady(child),
    exited,
    kill(signal) {
      child.kill(signal);
    },
  };
}

function watchExit(child: ChildProcess): Promise<AppExit> {
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
}

function watchReady(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.on("message", (message: unknown) => {
      const port = readyPort(message);
      if (port !== null) resolve(port);
    });
  });
}

/** Port of a `{type: "ready", port}` message; null for anything else, which is not for us. */
function readyPort(message: unknown): number | null {
  if (typeof message !== "object" || message === null) return null;
  if (!("type" in message) || message.type !== "ready") return null;
  return "port" in message && typeof message.port === "number" ? message.port : 0;
}
