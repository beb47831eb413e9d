import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * The built command. Pipeline tests run the build and not the sources: what is tested is what people run, entry
 * points, forks and resolution of packages included. `npm test` builds first; by hand: `pnpm exec tsc -b`.
 */
export const CLI_ENTRY = fileURLToPath(new URL("../../apps/cli/dist/main.js", import.meta.url));

export interface SluiceRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs one command of sluice to its end. */
export async function runSluice(
  args: readonly string[],
  { cwd, env = {} }: RunOptions,
): Promise<SluiceRun> {
  const child = spawn(process.execPath, [builtCli(), ...args], {
    cwd,
    env: testEnvironment(env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, code] = await Promise.all([
    readAll(child.stdout),
    readAll(child.stderr),
    new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exitCode) => resolve(exitCode));
    }),
  ]);
  return { code, stdout, stderr };
}

export function builtCli(): string {
  if (existsSync(CLI_ENTRY)) return CLI_ENTRY;
  throw new Error(`${CLI_ENTRY} is missing: build first with pnpm exec tsc -b`);
}

/** The environment without what a developer's shell may say to Sluice. */
export function testEnvironment(
  extra: Readonly<Record<string, string>>,
): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("SLUICE_"));
  return { ...Object.fromEntries(kept), ORT_DISABLE_TELEMETRY: "1", ...extra };
}

async function readAll(stream: AsyncIterable<unknown>): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}
