import { z } from "zod";
import { readRunFiles, type RunFile } from "./run-file.ts";

const readinessSchema = z.object({
  isReady: z.boolean(),
  checks: z.record(z.string(), z.string()),
});

/**
 * `ready`: everything works. `not-ready`: it runs and says what is missing. `silent`: its process is there but
 * does not answer. `gone`: it ended without taking its run file away.
 */
export type AppCondition = "ready" | "not-ready" | "silent" | "gone";

export interface AppState {
  readonly name: string;
  readonly condition: AppCondition;
  readonly pid: number;
  readonly url: string;
  readonly startedAtMs: number;
  /** For `not-ready`: checks that are not "ok", by name. */
  readonly missing: Readonly<Record<string, string>>;
}

const ANSWER_TIMEOUT_MS = 2000;

/** State of every process that has a run file in this data folder. */
export async function readAppStates(runDir: string): Promise<readonly AppState[]> {
  return Promise.all((await readRunFiles(runDir)).map(readAppState));
}

async function readAppState(file: RunFile): Promise<AppState> {
  const { name, pid, port, startedAtMs } = file;
  const url = `http://${file.host.includes(":") ? `[${file.host}]` : file.host}:${port}`;
  const state = { name, pid, url, startedAtMs };
  const report = await askReadiness(url);
  if (report === null)
    return { ...state, condition: isAlive(pid) ? "silent" : "gone", missing: {} };
  if (report.isReady) return { ...state, condition: "ready", missing: {} };
  const missing = Object.entries(report.checks).filter(([, value]) => value !== "ok");
  return { ...state, condition: "not-ready", missing: Object.fromEntries(missing) };
}

async function askReadiness(url: string): Promise<z.infer<typeof readinessSchema> | null> {
  try {
    const response = await fetch(`${url}/readyz`, {
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    return readinessSchema.parse(await response.json());
  } catch {
    return null; // nothing answers there, or something else does
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process: it is there.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
