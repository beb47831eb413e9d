import { fork, type ChildProcess } from "node:child_process";
import type { PinnedDevice } from "./choose-devices.ts";
import type { EngineSettings } from "./engine/engine-settings.ts";

/** Threads of libuv's pool for files that are read ahead: their calls wait for disks and mounts, and take no core meanwhile. */
const FILE_THREADS = 8;

export interface EngineProgram {
  /** Module that speaks the engine's messages. */
  readonly module: string;
  /** Node's own arguments for it. */
  readonly execArgv: readonly string[];
  readonly device: PinnedDevice;
  readonly settings: EngineSettings;
}

/** Starts an engine's process, which sees its own device and no other. */
export function spawnEngine({ module, execArgv, device, settings }: EngineProgram): ChildProcess {
  return fork(module, [JSON.stringify(settings)], {
    serialization: "advanced",
    ...nodeCommand(execArgv, device),
    env: {
      ...process.env,
      ...device.env,
      ORT_DISABLE_TELEMETRY: "1",
      // Reading and decoding use libuv's pool, and decoding must not wait for the file system's calls.
      UV_THREADPOOL_SIZE: String(settings.decodeSlots + FILE_THREADS),
      MALLOC_ARENA_MAX: "2", // glibc: many arenas fragment under decode load
      VIPS_BLOCK_UNTRUSTED: "1",
    },
  });
}

/** Node.js, bound to the device's cores from its first instruction on: its memory is then taken near them. */
function nodeCommand(execArgv: readonly string[], { cpus }: PinnedDevice) {
  if (cpus === null) return { execArgv: [...execArgv] };
  return {
    execPath: "taskset",
    execArgv: ["--cpu-list", cpus.join(","), process.execPath, ...execArgv],
  };
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Waits for its death and for its channel: what it sent before may still be on its way when its death is known. */
export function onceEnded(child: ChildProcess, ended: (exit: Exit) => void): void {
  let exit: Exit | null = null;
  let isConnected = true;
  const check = (): void => {
    if (exit !== null && !isConnected) ended(exit);
  };
  child.once("exit", (code, signal) => {
    exit = { code, signal };
    check();
  });
  child.once("disconnect", () => {
    isConnected = false;
    check();
  });
  child.once("error", () => {
    if (child.pid === undefined) ended({ code: null, signal: null }); // it was never there
  });
}
