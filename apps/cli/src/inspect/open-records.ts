import type { SluiceConfig } from "@sluice/config";
import { RecordsView } from "@sluice/storage";
import { CliError } from "../cli-error.ts";

/** Opens what moderation has recorded. Throws CliError (NO_RECORDS) where it has not run yet. */
export function openRecords(config: SluiceConfig): RecordsView {
  const path = config.moderation.databasePath;
  const view = RecordsView.open(path);
  if (view !== null) return view;
  throw new CliError(
    "NO_RECORDS",
    `there are no decisions yet: ${path} does not exist. Start Sluice with this configuration first (sluice start)`,
  );
}
