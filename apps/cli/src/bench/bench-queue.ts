import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { SluiceConfig } from "@sluice/config";
import { removeKeys } from "@sluice/queue";
import { RecordsView } from "@sluice/storage";
import type { Input } from "../classify/list-inputs.ts";
import { CliError } from "../cli-error.ts";
import { SILENT_EVENTS } from "../stack/stack-events.ts";
import { openStackRedis } from "../stack/stack-redis.ts";
import { startStack } from "../stack/stack.ts";
import { QueueSite, type QueueSiteOptions } from "./queue-site.ts";

export interface RunningQueue extends AsyncDisposable {
  readonly config: SluiceConfig;
  /** What is uploaded: copies of the inputs, each as often as was asked for, all different contents. */
  readonly pictures: readonly Input[];
  /** Images per second, from the moment when the first `count` pictures are there to the last decision. */
  measure(count: number): Promise<number>;
}

export interface QueueOptions extends Omit<QueueSiteOptions, "prefix"> {
  /** Null: a Redis of its own, for as long as the measurement takes. */
  readonly redisUrl: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly say: (message: string) => void;
}

const LOOK_EVERY_MS = 50;
/** Without any decision for so long something is broken. */
const STALL_MS = 120_000;

/** Ingest, worker and moderation as they are built, with Redis between them, on a site of their own. */
export async function startQueue(options: QueueOptions): Promise<RunningQueue> {
  const prefix = `sluice-bench-${randomBytes(6).toString("hex")}`;
  await using parts = new AsyncDisposableStack();
  const site = parts.use(await QueueSite.make({ ...options, prefix }));
  const log = parts.use(await site.openLog());
  const { config, folder: cwd } = site;
  const redis = parts.use(
    await openStackRedis({
      config: { ...config, redis: { url: options.redisUrl, prefix } },
      env: options.env,
      events: { ...SILENT_EVENTS, redisInstalling: options.say },
    }),
  );
  const redisUrl = redis.url;
  parts.defer(async () => void (await removeKeys({ redisUrl, prefix, onError: () => undefined })));
  const env = { PATH: options.env["PATH"], ...site.env };
  const output = { stdout: log.fd, stderr: log.fd };
  const { signal } = options;
  const stack = parts.use(
    await startStack({ config, env, cwd, redisUrl, output, signal, events: SILENT_EVENTS }),
  );
  const running = parts.move();
  return {
    config,
    pictures: site.pictures,
    measure: async (images) =>
      await Promise.race([measureRound(site, { images, signal }), stack.failure, redis.failure]),
    [Symbol.asyncDispose]: async () => await running.disposeAsync(),
  };
}

async function measureRound(
  site: QueueSite,
  { images, signal }: { images: number; signal: AbortSignal },
): Promise<number> {
  const before = look(site.config).decided;
  const startedAtMs = await site.upload(images);
  let latest = before;
  let movedAt = performance.now();
  while (latest < before + images) {
    signal.throwIfAborted();
    await delay(LOOK_EVERY_MS);
    const { decided } = look(site.config);
    if (decided > latest) movedAt = performance.now();
    latest = decided;
    if (performance.now() - movedAt > STALL_MS) throw stalled(latest - before, images);
  }
  return (1000 * images) / (look(site.config).lastDecidedAtMs - startedAtMs);
}

function look({ moderation }: SluiceConfig): { decided: number; lastDecidedAtMs: number } {
  using records = RecordsView.open(moderation.databasePath);
  const counts = Object.values(records?.counts().decisions ?? {});
  const [newest] = records?.decisions({ limit: 1 }) ?? [];
  return {
    decided: counts.reduce((sum, count) => sum + count, 0),
    lastDecidedAtMs: newest?.record.decidedAtMs ?? 0,
  };
}

function stalled(decided: number, images: number): CliError {
  return new CliError(
    "BENCH_STALLED",
    `nothing was decided for ${STALL_MS / 1000} s, after ${decided} of ${images} images; run it again with --no-queue, and sluice demo to see what is wrong`,
  );
}
