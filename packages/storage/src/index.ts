// read: objects below a root
export { versionOfFile } from "./read/file-version.ts";
export { createFolderLooker } from "./read/folder-looker.ts";
export { createFolderReader, type FolderReaderOptions } from "./read/folder-reader.ts";
export { createNamedFiles, type FoundByName, type NamedFilesOptions } from "./read/named-files.ts";
// end of read
// The moderation side: records, vault, published places.
export { createTokenSource } from "./records/token-source.ts";
export {
  RecordsView,
  type ActionView,
  type DecisionFilter,
  type DecisionView,
  type RecordCounts,
} from "./records/records-view.ts";
export { RecordsTooNewError } from "./records/schema.ts";
export { SqliteRecords, type SqliteRecordsOptions } from "./records/sqlite-records.ts";
export { FolderPlaces, type FolderPlacesOptions } from "./publish/folder-places.ts";
export {
  DestinationUnsafeError,
  RootUnavailableError,
  RootUnknownError,
  StagingUnsafeError,
  VaultDamagedError,
} from "./vault/folder-errors.ts";
export { FolderOriginals, type FolderOriginalsOptions } from "./vault/folder-originals.ts";
export { FolderVault, type FolderVaultOptions } from "./vault/folder-vault.ts";
export type { FolderRoots } from "./vault/open-folder.ts";
export { JournalFailedError, JournalUnusableError } from "./journal/journal-error.ts";
export { SqliteJournal } from "./journal/sqlite-journal.ts";
export { SqliteLogCheckpoints } from "./journal/sqlite-log-checkpoints.ts";
// spool: uploads that were received
export { FolderSpool } from "./spool/folder-spool.ts";
export { SqliteAnswers } from "./spool/sqlite-answers.ts";
// end of spool
