import type { Command } from "@commander-js/extra-typings";
import type { SluiceConfig } from "@sluice/config";
import type { RootName } from "@sluice/contracts";
import type { CommandContext } from "../command-context.ts";
import { CONFIG_OPTION, loadCliConfig } from "../setup/load-cli-config.ts";
import { prepare } from "../setup/prepare.ts";
import { announceOn } from "../stack/stack-events.ts";
import { startStack } from "../stack/stack.ts";
import { openStackRedis } from "../stack/stack-redis.ts";
import type { Terminal } from "../terminal/terminal.ts";

export function addStartCommand(program: Command, context: CommandContext): void {
  program
    .command("start")
    .description(
      "run ingest, worker and moderation, and a Redis if none is configured, until stopped",
    )
    .option(CONFIG_OPTION.flags, CONFIG_OPTION.description)
    .addHelpText(
      "after",
      `
Without a configuration file it watches ./uploads/incoming, publishes to ./uploads/published and uses the demo
models, which know nothing of the world. Ctrl-C or SIGTERM stops it: what is in flight is finished first.`,
    )
    .action(({ config: file }) => start(context, file));
}

async function start(context: CommandContext, file: string | undefined): Promise<void> {
  const { terminal, signal, cwd } = context;
  const { config, env } = await loadCliConfig(context, file);
  await prepare(config, terminal);
  const events = announceOn(terminal);
  await using redis = await openStackRedis({ config, env, events });
  if (signal.aborted) return;
  const output = { stdout: "inherit", stderr: "inherit" } as const;
  const options = { config, env, cwd, redisUrl: redis.url, output, events, signal };
  try {
    await using stack = await startStack(options);
    announceFolders(config, terminal);
    await Promise.race([stack.failure, redis.failure, aborted(signal)]);
    terminal.say("stopping: what is in flight is finished first");
  } catch (error) {
    // Stopped before everything was ready: that is what was asked for.
    if (!signal.aborted) throw error;
  }
}

function announceFolders(config: SluiceConfig, terminal: Terminal): void {
  for (const { name, kind, root, policy } of config.sources) {
    const rules = config.policies.get(policy);
    const folder = describePlace(config, root);
    if (kind !== "folder" && kind !== "s3") {
      terminal.say(`${name}: receiving uploads (${kind}), into ${folder} until they are decided`);
    } else if (rules?.mode === "gate") {
      const published = describePlace(config, rules.publishTo);
      terminal.say(`${name}: watching ${folder}, publishing to ${published}`);
    } else {
      terminal.say(`${name}: watching ${folder}, taking away what is forbidden`);
    }
  }
  terminal.say(`data in ${config.dataDir}; Ctrl-C stops`);
}

function describePlace({ roots }: SluiceConfig, name: RootName): string {
  const root = roots.get(name);
  if (root?.kind === "s3") return `s3://${root.bucket}/${root.prefix}`;
  return root?.kind === "folder" ? root.folder : name;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
