import type { SluiceConfig } from "@sluice/config";
import { objectPathSchema, rootNameSchema } from "@sluice/contracts";
import { RecordsView } from "@sluice/storage";
import type { OperateOptions } from "../stack/operate.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { awaitDecisions } from "./await-decisions.ts";
import { DEMO_SETTLE_MS } from "./demo-config.ts";
import type { DemoPlace } from "./demo-place.ts";
import type { DemoOutcome } from "./demo-report.ts";
import { deliver, deliverOneByOne } from "./deliver-samples.ts";
import type { Samples } from "./draw-samples.ts";
import { hashVault, locateUpload } from "./locate-upload.ts";
import { measureLatencies, measureRate } from "./measure-demo.ts";
import { checkNotTakenAgain, tryRestore } from "./try-restore.ts";
import type { DeliveredUpload, UploadResult } from "./upload-result.ts";

export interface ModerationRun {
  readonly samples: Samples;
  /** Delivered before the stack was started. */
  readonly early: readonly DeliveredUpload[];
  readonly place: DemoPlace;
  readonly config: SluiceConfig;
  readonly operator: OperateOptions;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** Between uploads that come one by one: long enough that each finds the stack idle. */
const PAUSE_MS = 150;

/** Longer than a slow machine needs for a few hundred pictures. */
const DECISIONS_TIMEOUT_MS = 180_000;

/** Uploads everything while the stack runs, waits, looks where each is, and gives one back. */
export async function moderateSamples(run: ModerationRun): Promise<DemoOutcome> {
  const { samples, early, place } = run;
  const special = [...early, ...(await deliverOneByOne(samples.special, place, { pauseMs: 0 }))];
  await waitFor(special.length, run);
  const oneByOne = await deliverOneByOne(samples.oneByOne, place, { pauseMs: PAUSE_MS });
  await waitFor(special.length + oneByOne.length, run);
  const atOnce = await Promise.all(samples.atOnce.map((made) => deliver(made, place)));
  await waitFor(samples.count, run);

  const looked = {
    special: await lookAtAll(special, run),
    oneByOne: await lookAtAll(oneByOne, run),
    atOnce: await lookAtAll(atOnce, run),
  };
  return {
    special: looked.special,
    ordinary: [...looked.oneByOne, ...looked.atOnce],
    restoreProblems: await restoreOne(special, run),
    latencies: measureLatencies(looked.oneByOne),
    settleMs: DEMO_SETTLE_MS,
    imagesPerSecond: measureRate(looked.atOnce, DEMO_SETTLE_MS),
    imagesAtOnce: atOnce.length,
  };
}

async function waitFor(
  count: number,
  run: ModerationRun,
  timeoutMs = DECISIONS_TIMEOUT_MS,
): Promise<void> {
  const { config, samples, signal, terminal } = run;
  await awaitDecisions({
    databasePath: config.moderation.databasePath,
    count,
    timeoutMs,
    signal,
    onProgress: (decided) =>
      terminal.showProgress(`${decided} of ${samples.count} uploads decided`),
  });
  terminal.clearProgress();
}

/** The sweep's forbidden picture: restored it stays where it is, so that it can be looked at. */
async function restoreOne(
  delivered: readonly DeliveredUpload[],
  run: ModerationRun,
): Promise<readonly string[]> {
  const { samples, config } = run;
  const upload = delivered.find(
    ({ source, expected }) => source === "sweep" && expected.decision === "quarantine",
  );
  if (upload === undefined) return ["no forbidden picture was uploaded to the sweep"];
  const problems = await tryRestore(upload, run);
  if (problems.length > 0) return problems;
  await waitFor(samples.count + 1, run);
  return checkNotTakenAgain(upload, config);
}

async function lookAtAll(
  uploads: readonly DeliveredUpload[],
  { place, config }: ModerationRun,
): Promise<readonly UploadResult[]> {
  using records = RecordsView.open(config.moderation.databasePath);
  if (records === null) return uploads.map((upload) => ({ upload, decisions: [], places: [] }));
  const vaultContents = await hashVault(config.moderation.vaultDir);
  return await Promise.all(
    uploads.map(async (upload) => ({
      upload,
      decisions: records.decisions({
        root: rootNameSchema.parse(upload.source === "gate" ? "uploads" : "site"),
        path: objectPathSchema.parse(upload.path),
        limit: 10,
      }),
      places: await locateUpload(upload, { place, vaultContents, records }),
    })),
  );
}
