import type { Command } from "@commander-js/extra-typings";
import { CliError } from "../cli-error.ts";
import type { CommandContext } from "../command-context.ts";
import { examine } from "../doctor/examine.ts";
import { formatFindings, summaryOf } from "../doctor/format-findings.ts";
import { CONFIG_OPTION, loadCliConfig } from "../setup/load-cli-config.ts";
import { DEVICES_OPTION } from "./worker.ts";

export function addDoctorCommand(program: Command, context: CommandContext): void {
  program
    .command("doctor")
    .description("look at all that Sluice needs on this machine, and say what to do")
    .option(CONFIG_OPTION.flags, CONFIG_OPTION.description)
    .option(DEVICES_OPTION.flags, DEVICES_OPTION.description, DEVICES_OPTION.parse)
    .option("--json", "as one JSON object")
    .action(async ({ config: file, devices, json }) => {
      const chosen = devices === undefined ? {} : { SLUICE_WORKER_DEVICES: devices };
      const env = { ...context.env, ...chosen };
      const load = async () => (await loadCliConfig({ ...context, env }, file)).config;
      const findings = await examine(load, env);
      const isHealthy = findings.every(({ state }) => state !== "broken");
      context.terminal.print(
        json === true ? JSON.stringify({ isHealthy, findings }, null, 2) : formatFindings(findings),
      );
      if (!isHealthy) throw new CliError("DOCTOR_FOUND", `doctor: ${summaryOf(findings)}`);
      context.terminal.say(`doctor: ${summaryOf(findings)}`);
    });
}
