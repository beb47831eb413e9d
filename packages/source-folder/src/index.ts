export { FolderThreadError, FolderUnusableError } from "./folder-error.ts";
export type { FolderEvents } from "./folder-events.ts";
export { FolderSource, type FolderSourceOptions, type FolderStatus } from "./folder-source.ts";
export type { SkipReason } from "./found.ts";
export type { NotifierFailure } from "./notifier.ts";
export {
  startFolderThread,
  type FolderThread,
  type FolderThreadOptions,
  type StartFolderThread,
} from "./thread/folder-thread.ts";
