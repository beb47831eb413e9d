import type { BytePath } from "../byte-path.ts";
import type { PathRule } from "../path-rule.ts";

/** What runs inside the notifier's thread, until that ends, and talks to the operating system. */
export interface Watcher {
  /** Watches the folder and everything below; resolves when that is done, as far as it can be. */
  start(): Promise<void>;
  /** Watches what is not watched and should be. */
  check(): void;
}

export interface WatcherOptions {
  /** Absolute, in bytes. */
  readonly folder: BytePath;
  readonly isIgnored: PathRule;
  readonly maxDepth: number;
  readonly sink: WatcherSink;
}

export interface WatcherSink {
  entry(path: BytePath): void;
  directory(path: BytePath): void;
  overflowed(): void;
  failed(code: string): void;
  recovered(): void;
}
