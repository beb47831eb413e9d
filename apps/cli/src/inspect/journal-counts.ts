import { existsSync } from "node:fs";
import type { SluiceConfig } from "@sluice/config";
import type { SourceName } from "@sluice/contracts";
import { SqliteJournal } from "@sluice/storage";

/** Object versions of one source by state; see the journal's port for what each means. */
export interface SourceCounts {
  readonly source: SourceName;
  readonly seen: number;
  readonly assigned: number;
  readonly queued: number;
  readonly decided: number;
}

/** Null where ingest has not run yet: asking must not make a journal. */
export function readJournalCounts(config: SluiceConfig): readonly SourceCounts[] | null {
  const { journalPath } = config.ingest;
  if (!existsSync(journalPath)) return null;
  using journal = SqliteJournal.open(journalPath);
  return config.sources.map(({ name }) => ({ source: name, ...journal.counts(name) }));
}
