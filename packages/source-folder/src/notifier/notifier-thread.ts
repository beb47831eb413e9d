import { parentPort, workerData } from "node:worker_threads";
import { compileIgnoreRule } from "../ignore-rule.ts";
import { HintBox } from "./hint-box.ts";
import { threadOrderSchema, threadSettingsSchema, type ThreadReport } from "./thread-messages.ts";
import type { Watcher, WatcherOptions, WatcherSink } from "./watcher.ts";

/**
 * Entry point of the notifier's thread. It has an event loop of its own, so that a busy main loop cannot make the
 * kernel's queue overflow (measured: a main loop busy for 3 s lost 21,808 of 30,000 files). While the main loop is busy hints
 * collect here, each path once.
 */
const MAX_HINTS = 50_000;

if (parentPort === null) throw new Error("notifier-thread runs in a worker thread");
const port = parentPort;
const report = (message: ThreadReport): void => port.postMessage(message);

const { kind, folder, ignore, maxDepth } = threadSettingsSchema.parse(workerData);
const box = new HintBox(MAX_HINTS);
/** True between a batch of hints and its `taken`. */
let isAwaited = false;
let isScheduled = false;

function schedule(): void {
  if (isScheduled || isAwaited) return;
  isScheduled = true;
  setImmediate(() => {
    isScheduled = false;
    if (isAwaited || box.isEmpty) return;
    isAwaited = true;
    const isOverflowed = box.takeOverflow();
    const { entries, directories } = box.take({ maxEntries: MAX_HINTS, maxDirectories: MAX_HINTS });
    report({ type: "hints", entries: [...entries], directories: [...directories], isOverflowed });
  });
}

const sink: WatcherSink = {
  entry(path) {
    box.addEntry(path);
    schedule();
  },
  directory(path) {
    box.addDirectory(path);
    schedule();
  },
  overflowed() {
    box.overflow();
    schedule();
  },
  failed: (code) => report({ type: "failed", code }),
  recovered: () => report({ type: "recovered" }),
};

const options: WatcherOptions = { folder, isIgnored: compileIgnoreRule(ignore), maxDepth, sink };
const watcher = await openWatcher();

port.on("message", (message: unknown) => {
  const order = threadOrderSchema.parse(message);
  switch (order) {
    case "taken":
      isAwaited = false;
      if (!box.isEmpty) schedule();
      return;
    case "check":
      watcher.check();
      return;
    default:
      order satisfies never;
  }
});

await watcher.start();
report({ type: "watching" });

/** Loads only the one that is wanted; chokidar takes longer to load than a small folder to watch. */
async function openWatcher(): Promise<Watcher> {
  switch (kind) {
    case "native": {
      const { NativeWatcher } = await import("./native-watcher.ts");
      return new NativeWatcher(options);
    }
    case "chokidar": {
      const { ChokidarWatcher } = await import("./chokidar-watcher.ts");
      return new ChokidarWatcher(options);
    }
    default:
      return kind satisfies never;
  }
}
