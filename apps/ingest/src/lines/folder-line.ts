import type { FolderSourceConfig, SluiceConfig } from "@sluice/config";
import { FolderSource, startFolderThread, type FolderStatus } from "@sluice/source-folder";
import type { ReadinessReport } from "@sluice/telemetry";
import { recordSettled } from "@sluice/sources";
import { elsewhere } from "./elsewhere.ts";
import { openLineEnd } from "./line-end.ts";
import type { SharedParts, SourceLine } from "./source-line.ts";

/** A source of kind `folder`; `start` throws FolderUnusableError. */
export function openFolderLine(
  config: SluiceConfig,
  source: FolderSourceConfig,
  parts: SharedParts,
): SourceLine {
  const root = config.roots.get(source.root);
  if (root?.kind !== "folder") throw elsewhere(source);
  const { intake, sender } = openLineEnd(config, source, parts);
  const folder = new FolderSource({
    ...source,
    ...parts,
    source: source.name,
    folder: root.folder,
    intake,
    startThread: startFolderThread,
  });
  return {
    name: source.name,
    get senderState() {
      return sender.state;
    },
    get settling() {
      return folder.status.settling;
    },
    get isDegraded() {
      return folder.status.notifier === "degraded";
    },
    settled: (notice) =>
      recordSettled(notice, {
        journal: parts.journal,
        events: parts.events.ofSource(source.name),
      }),
    readiness: (nowMs) => describe(source, folder.status, nowMs),
    async start() {
      sender.start();
      await folder.start();
    },
    /** First nothing new is found, then nothing is sent any more. */
    async [Symbol.asyncDispose]() {
      await folder.stop();
      await sender.stop();
    },
  };
}

/** A listing is late when it is this many times older than it should be. */
const LATE_FACTOR = 3;

/**
 * Ready: the folder can be listed and was listed not too long ago. A degraded watcher is told but does not make the process
 * unready, because the listing finds everything.
 */
function describe(
  { name, reconcileEveryMs }: FolderSourceConfig,
  { failure, notifier, isAvailable, reconciledAtMs }: FolderStatus,
  nowMs: number,
): ReadinessReport {
  const watcher = { [`${name}.watcher`]: failure?.message ?? notifier };
  const tell = (isReady: boolean, listing: string): ReadinessReport => ({
    isReady,
    checks: { [`${name}.folder`]: listing, ...watcher },
  });
  if (!isAvailable) return tell(false, "the folder cannot be listed");
  if (reconciledAtMs === null) return tell(false, "listed for the first time");
  const ageMs = nowMs - reconciledAtMs;
  const isLate = ageMs > LATE_FACTOR * Math.max(reconcileEveryMs, 60_000);
  return tell(!isLate, `listed ${Math.round(ageMs / 1000)} s ago`);
}
