import type { SourceName } from "@sluice/contracts";
import type { FolderEvents } from "@sluice/source-folder";
import type { Logger, Metrics } from "@sluice/telemetry";

export function createFolderEvents(log: Logger, metrics: Metrics): FolderEvents {
  const durations = metrics.histogram(
    "sluice_ingest_reconcile_duration_seconds",
    "Time to list a folder and compare it with the journal.",
    { buckets: [0.01, 0.05, 0.25, 1, 5, 15, 60, 300], labels: ["source"] },
  );
  const unreadable = metrics.counter(
    "sluice_ingest_unreadable_total",
    "Looks at files and directories that may not be read.",
    ["source", "code"],
  );
  const overflows = metrics.counter(
    "sluice_ingest_hint_overflows_total",
    "Times that hints were lost and a listing took their place.",
    ["source"],
  );
  const entries = metrics.gauge(
    "sluice_ingest_entries",
    "What the last listing found, by kind: files, hard-linked among them, and all that is no object, by why.",
    ["source", "kind"],
  );
  const listed = new Set<SourceName>();
  return {
    reconciled(event) {
      const { source, files, hardLinked, unreadable: unread, skipped } = event;
      durations.observe({ source }, event.durationMs / 1000);
      const kinds = { files, "hard-linked": hardLinked, unreadable: unread, ...skipped };
      for (const [kind, count] of Object.entries(kinds)) entries.set({ source, kind }, count);
      const fields = { event: "folder.reconciled", ...event };
      if (listed.has(event.source)) log.debug(fields, "The folder was listed.");
      else log.info(fields, "The folder was listed for the first time.");
      listed.add(event.source);
    },
    folderUnavailable(event) {
      log.error({ event: "folder.lost", ...event }, "The folder cannot be listed; tried again.");
    },
    unreadable({ source, code }) {
      unreadable.inc({ source, code });
      log.debug(
        { event: "entry.unreadable", source, code },
        "A file or directory may not be read.",
      );
    },
    hintsOverflowed({ source }) {
      overflows.inc({ source });
      log.info({ event: "hints.overflowed", source }, "Too many changes at once: listing instead.");
    },
    notifierDegraded({ message, ...event }) {
      log.warn({ event: "watcher.degraded", ...event }, message);
    },
    notifierRecovered({ source }) {
      log.info({ event: "watcher.recovered", source }, "Everything is watched again.");
    },
  };
}
