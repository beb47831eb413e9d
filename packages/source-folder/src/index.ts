export { FolderUnusableError } from "./folder-error.ts";
export type { FolderEvents } from "./folder-events.ts";
export { FolderSource, type FolderSourceOptions, type FolderStatus } from "./folder-source.ts";
export type { SkipReason } from "./look-at.ts";
export type {
  Hints,
  Notifier,
  NotifierFailure,
  NotifierListener,
  NotifierOptions,
  StartNotifier,
} from "./notifier/notifier.ts";
export { startThreadNotifier } from "./notifier/thread-notifier.ts";
