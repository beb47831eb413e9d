import { spawn } from "node:child_process";
import { root } from "./environment.mjs";

const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/**
 * Runs a command with our standard streams and waits for it. SIGTERM is passed on; SIGINT reaches the whole
 * terminal group by itself, so here we only wait for the child to drain. Resolves with its exit code.
 */
export function run(command, args, { env, cwd = root }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit", cwd, env });
    const passOn = () => child.kill("SIGTERM");
    const wait = () => undefined;
    process.on("SIGTERM", passOn);
    process.on("SIGINT", wait);
    child.on("error", (error) => reject(new Error(`cannot run ${command}: ${error.message}`)));
    child.on("exit", (code, signal) => {
      process.off("SIGTERM", passOn);
      process.off("SIGINT", wait);
      resolve(code ?? 128 + (SIGNAL_NUMBERS[signal] ?? 9));
    });
  });
}

/** The same, but a failure ends the bootstrap with a message that says what to do. */
export async function mustRun(command, args, { env, cwd, remedy }) {
  const code = await run(command, args, { env, cwd });
  if (code !== 0) {
    const error = new Error(`"${command} ${args.join(" ")}" ended with ${code}: ${remedy}`);
    error.exitCode = code;
    throw error;
  }
}
