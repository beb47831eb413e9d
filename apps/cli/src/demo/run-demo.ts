import { randomBytes } from "node:crypto";
import { open, writeFile } from "node:fs/promises";
import { loadConfig } from "@sluice/config";
import { CliError } from "../cli-error.ts";
import type { CommandContext } from "../command-context.ts";
import { prepare } from "../setup/prepare.ts";
import { SILENT_EVENTS } from "../stack/stack-events.ts";
import { startStack } from "../stack/stack.ts";
import { openStackRedis } from "../stack/stack-redis.ts";
import { formatDuration } from "../terminal/format-duration.ts";
import { buildDemoModels } from "../setup/build-demo-models.ts";
import { demoConfig } from "./demo-config.ts";
import { makeDemoPlace } from "./demo-place.ts";
import { demoProblems, formatDemo } from "./demo-report.ts";
import { deliverOneByOne } from "./deliver-samples.ts";
import { drawSamples } from "./draw-samples.ts";
import { moderateSamples } from "./moderate-samples.ts";

/**
 * Moderates a folder of sample uploads with the whole stack and checks what became of each. Throws CliError
 * (DEMO_FAILED) when something is not as it should be, after the report has been printed.
 */
export async function runDemo(
  context: CommandContext,
  { folder }: { folder: string },
): Promise<void> {
  const { terminal, signal } = context;
  const startedAtMs = performance.now();
  const place = await makeDemoPlace(folder);
  await writeFile(place.configFile, demoConfig({ prefix: demoPrefix() }));
  // Only the demo's own file counts; a Redis that the environment names is used.
  const env = { ...context.env, SLUICE_CONFIG: place.configFile, SLUICE_DATA_DIR: "" };
  const config = await loadConfig({ env, cwd: folder });
  terminal.say(`demo in ${folder}`);
  const [samples] = await Promise.all([drawSamples(), buildDemoModels(place.models)]);
  await prepare(config, terminal);
  terminal.say(
    `built three models and drew ${samples.count} uploads in ${formatDuration(performance.now() - startedAtMs)}`,
  );

  await using log = await open(place.logFile, "a");
  const output = { stdout: log.fd, stderr: log.fd };
  const events = { ...SILENT_EVENTS, redisInstalling: (text: string) => terminal.say(text) };
  await using redis = await openStackRedis({ config, env, events });
  const early = await deliverOneByOne(samples.beforeStart, place);
  await using stack = await startStack({
    config,
    env,
    cwd: folder,
    redisUrl: redis.url,
    output,
    events,
    signal,
  }).catch((error: unknown) => {
    throw withLog(error, place.logFile);
  });
  terminal.say(`stack is up after ${formatDuration(performance.now() - startedAtMs)}`);
  const operator = { env: { ...env, SLUICE_REDIS_URL: redis.url }, cwd: folder, output: log.fd };
  const outcome = await Promise.race([
    moderateSamples({ samples, early, place, config, operator, terminal, signal }),
    stack.failure,
    redis.failure,
  ]).catch((error: unknown) => {
    throw withLog(error, place.logFile);
  });
  terminal.print(formatDemo(outcome));
  const problems = demoProblems(outcome);
  if (problems.length > 0) {
    throw new CliError(
      "DEMO_FAILED",
      `the demo is not as expected (log: ${place.logFile})\n${problems.map((line) => `  - ${line}`).join("\n")}`,
    );
  }
  terminal.print(
    `All ${samples.count} uploads are where they should be, after ${formatDuration(performance.now() - startedAtMs)}. Look around in ${folder}.`,
  );
}

/** Keys of its own on a Redis that others use too. */
function demoPrefix(): string {
  return `sluice-demo-${randomBytes(6).toString("hex")}`;
}

function withLog(error: unknown, logFile: string): unknown {
  if (!(error instanceof CliError)) return error;
  const { code, exitCode, message } = error;
  return new CliError(code, `${message}; the log is ${logFile}`, { exitCode, cause: error });
}
