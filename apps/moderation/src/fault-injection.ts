import type { Environment } from "@sluice/config";
import type { OnStep } from "@sluice/moderation";

/**
 * For tests of crashes: SLUICE_FAULT_KILL_AT names a step (see `STEPS`) at which the process kills itself by SIGKILL.
 * Undefined in every other case.
 */
export function readFault(env: Environment): OnStep | undefined {
  const killAt = env["SLUICE_FAULT_KILL_AT"];
  if (killAt === undefined || killAt === "") return undefined;
  return (step) => {
    if (step === killAt) process.kill(process.pid, "SIGKILL");
  };
}
