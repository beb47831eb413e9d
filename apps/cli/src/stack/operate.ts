import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { CliError } from "../cli-error.ts";
import { EXIT_CODE } from "../exit-code.ts";
import { builtAppEntry } from "./built-app.ts";

export interface OperateOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** File descriptor for what it says; default: our own streams. */
  readonly output?: number;
}

/**
 * Runs one operator action by moderation's own code, so that only that code touches objects. It prints what it
 * did; when it fails it has said why, and CliError hands its exit code on.
 */
export async function operate(
  args: readonly string[],
  { env, cwd, output }: OperateOptions,
): Promise<void> {
  const entry = builtAppEntry("moderation", "operate.js");
  const stream = output ?? "inherit";
  const stdio = ["ignore", stream, stream] as const;
  const child = spawn(process.execPath, [entry, ...args], { stdio: [...stdio], env, cwd });
  const exit = once(child, "exit");
  await once(child, "spawn");
  await exit;
  if (child.exitCode === EXIT_CODE.ok) return;
  throw new CliError("OPERATION_FAILED", `${args.join(" ")} was not done`, {
    exitCode: ownExitCode(child.exitCode),
    isTold: child.exitCode !== null,
  });
}

/** Its code for wrong arguments is that of sysexits.h, ours the one that shells use. */
const EX_USAGE = 64;

function ownExitCode(code: number | null): number {
  if (code === EX_USAGE) return EXIT_CODE.usage;
  return code ?? EXIT_CODE.failed;
}

export function jsonFlag(isJson: true | undefined): readonly string[] {
  return isJson === true ? ["--json"] : [];
}
