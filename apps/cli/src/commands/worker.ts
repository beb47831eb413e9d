import { InvalidArgumentError, type Command } from "@commander-js/extra-typings";
import { nameOfWorker, parseDeviceList, requireRedisUrl } from "@sluice/config";
import type { CommandContext } from "../command-context.ts";
import { CONFIG_OPTION, loadCliConfig } from "../setup/load-cli-config.ts";
import { announceOn } from "../stack/stack-events.ts";
import { superviseApp } from "../stack/supervise-app.ts";

/** Shown in the help of every command that is about devices. */
export const DEVICES_OPTION = {
  flags: "--devices <list>",
  description:
    "auto, or cpu, cpu:0,1, cuda:0,1, cuda:GPU-<uuid>, tensorrt:0 and so on: one engine per device (default: worker.devices)",
  parse: parseDevices,
} as const;

export function addWorkerCommand(program: Command, context: CommandContext): void {
  program
    .command("worker")
    .description("run a worker alone until stopped, beside the Sluice whose Redis it shares")
    .option(CONFIG_OPTION.flags, CONFIG_OPTION.description)
    .option(DEVICES_OPTION.flags, DEVICES_OPTION.description, DEVICES_OPTION.parse)
    .option("--ensemble <name>", "which ensemble it runs, where the configuration has several")
    .addHelpText(
      "after",
      `
A GPU on another host is one command, with the same configuration, models and folders (or mounts) there:
  SLUICE_REDIS_URL=redis://… sluice worker --devices auto
Ctrl-C or SIGTERM stops it: what is in flight is finished first. "sluice doctor" names what a GPU lacks.`,
    )
    .action(({ config: file, devices, ensemble }) =>
      runWorker(context, { file, devices, ensemble }),
    );
}

function parseDevices(text: string): string {
  if (parseDeviceList(text) !== null) return text;
  throw new InvalidArgumentError(
    "Expected auto, or cpu, cpu:0, cuda:0, cuda:GPU-<uuid>, tensorrt:0, several with commas between.",
  );
}

async function runWorker(
  context: CommandContext,
  {
    file,
    devices,
    ensemble,
  }: { file: string | undefined; devices: string | undefined; ensemble: string | undefined },
): Promise<void> {
  const { terminal, signal, cwd } = context;
  const chosen = {
    ...(devices !== undefined && { SLUICE_WORKER_DEVICES: devices }),
    ...(ensemble !== undefined && { SLUICE_WORKER_ENSEMBLE: ensemble }),
  };
  const environment = { ...context, env: { ...context.env, ...chosen } };
  const { config, env } = await loadCliConfig(environment, file);
  const redisUrl = requireRedisUrl(config);
  if (signal.aborted) return;
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => undefined); // waited for below, unless the start fails first
  const output = { stdout: "inherit", stderr: "inherit" } as const;
  const events = announceOn(terminal);
  const options = { config, env, cwd, redisUrl, output, events };
  await using app = superviseApp(
    { app: "worker", name: nameOfWorker(config), env: {} },
    options,
    failure.reject,
  );
  const stopEarly = (): void => void app.stop();
  signal.addEventListener("abort", stopEarly, { once: true });
  try {
    await app.start();
    await Promise.race([failure.promise, aborted(signal)]);
    terminal.say("stopping: what is in flight is finished first");
  } catch (error) {
    // Stopped before it was ready: that is what was asked for.
    if (!signal.aborted) throw error;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
