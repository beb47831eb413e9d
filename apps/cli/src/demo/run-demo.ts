import { randomBytes } from "node:crypto";
import { open, writeFile } from "node:fs/promises";
import { loadConfig, type SluiceConfig } from "@sluice/config";
import { DEMO_MODELS } from "@sluice/demo-models";
import { CliError } from "../cli-error.ts";
import type { CommandContext } from "../command-context.ts";
import { buildDemoModels } from "../setup/build-demo-models.ts";
import { prepare } from "../setup/prepare.ts";
import { SILENT_EVENTS } from "../stack/stack-events.ts";
import { openStackRedis } from "../stack/stack-redis.ts";
import { startStack } from "../stack/stack.ts";
import { formatDuration } from "../terminal/format-duration.ts";
import { deliverOneByOne } from "./deliver-samples.ts";
import { demoConfig } from "./demo-config.ts";
import { makeDemoPlace, type DemoPlace } from "./demo-place.ts";
import { demoJson } from "./demo-json.ts";
import { demoProblems, formatDemo, type DemoOutcome } from "./demo-report.ts";
import { drawSamples, type Samples } from "./draw-samples.ts";
import { moderateSamples } from "./moderate-samples.ts";

/**
 * Moderates a folder of sample uploads with the whole stack and checks what became of each. Throws CliError
 * (DEMO_FAILED) when something is not as it should be, after the report has been printed.
 */
export async function runDemo(
  context: CommandContext,
  { folder, isJson }: { readonly folder: string; readonly isJson: boolean },
): Promise<void> {
  const { terminal } = context;
  const startedAtMs = performance.now();
  const sinceStart = (): string => formatDuration(performance.now() - startedAtMs);
  terminal.say(`demo in ${folder}`);
  const demo = await prepareDemo(context, folder);
  const { samples, place } = demo;
  terminal.say(
    `built ${DEMO_MODELS.length} models and drew ${samples.count} uploads: ${sinceStart()}`,
  );
  const outcome = await moderateWithStack(demo, {
    ...context,
    onReady: () => terminal.say(`ingest, worker and moderation are ready: ${sinceStart()}`),
  }).catch((error: unknown) => {
    throw error instanceof CliError ? withLog(error, place.logFile) : error;
  });
  terminal.print(isJson ? JSON.stringify(demoJson(outcome), null, 2) : formatDemo(outcome));
  const problems = demoProblems(outcome);
  if (problems.length > 0) throw demoFailed(problems, place.logFile);
  terminal.say(
    `All ${samples.count} uploads are where they should be, after ${sinceStart()}. Look around in ${folder}.`,
  );
}

interface Demo {
  readonly place: DemoPlace;
  readonly samples: Samples;
  readonly config: SluiceConfig;
  readonly env: CommandContext["env"];
}

async function prepareDemo(context: CommandContext, folder: string): Promise<Demo> {
  const place = await makeDemoPlace(folder);
  await writeFile(place.configFile, demoConfig({ prefix: demoPrefix() }));
  // Only the demo's own file counts; a Redis that the environment names is used.
  const env = { ...context.env, SLUICE_CONFIG: place.configFile, SLUICE_DATA_DIR: "" };
  const config = await loadConfig({ env, cwd: folder });
  const [samples] = await Promise.all([drawSamples(), buildDemoModels(place.models)]);
  await prepare(config, context.terminal);
  return { place, samples, config, env };
}

async function moderateWithStack(
  { place, samples, config, env }: Demo,
  { terminal, signal, onReady }: CommandContext & { readonly onReady: () => void },
): Promise<DemoOutcome> {
  const cwd = place.folder;
  await using log = await open(place.logFile, "a");
  const events = { ...SILENT_EVENTS, redisInstalling: (text: string) => terminal.say(text) };
  await using redis = await openStackRedis({ config, env, events });
  const early = await deliverOneByOne(samples.beforeStart, place, { pauseMs: 0 });
  const output = { stdout: log.fd, stderr: log.fd };
  const redisUrl = redis.url;
  await using stack = await startStack({ config, env, cwd, redisUrl, output, events, signal });
  onReady();
  const operator = { env: { ...env, SLUICE_REDIS_URL: redisUrl }, cwd, output: log.fd };
  const ended = new AbortController();
  const run = { samples, early, place, config, operator, terminal };
  try {
    return await Promise.race([
      moderateSamples({ ...run, signal: AbortSignal.any([signal, ended.signal]) }),
      stack.failure,
      redis.failure,
    ]);
  } finally {
    ended.abort();
  }
}

/** Keys of its own on a Redis that others use too. */
function demoPrefix(): string {
  return `sluice-demo-${randomBytes(6).toString("hex")}`;
}

function withLog({ code, exitCode, message }: CliError, logFile: string): CliError {
  return new CliError(code, `${message}; the log is ${logFile}`, { exitCode });
}

function demoFailed(problems: readonly string[], logFile: string): CliError {
  const list = problems.map((problem) => `\n  - ${problem}`).join("");
  return new CliError("DEMO_FAILED", `the demo is not as expected (log: ${logFile})${list}`);
}
