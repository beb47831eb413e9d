import { parentPort, workerData } from "node:worker_threads";
import { Listing } from "../listing.ts";
import { lookAt } from "../look-at.ts";
import { compileIgnoreRule, compileIncludeRule } from "../path-rule.ts";
import { HintOutlet } from "./hint-outlet.ts";
import type { ThreadOrder, ThreadReport, ThreadSettings } from "./thread-messages.ts";
import type { Watcher, WatcherOptions } from "./watcher.ts";

/**
 * Entry point of a folder's thread, which does everything that touches the file system. It has an event loop of its
 * own, so that a busy main loop cannot make the kernel's queue of events overflow (measured: a main loop busy for 3 s lost
 * 21,808 of 30,000 files), and a slow disk cannot stop the main loop. Looks and listings are taken in batches of a millisecond or
 * two; between them events are read.
 */
if (parentPort === null) throw new Error("thread-entry runs in a worker thread");
const port = parentPort;
const settings: ThreadSettings = workerData;
const { folder, maxDepth } = settings;
const isIgnored = compileIgnoreRule(settings.ignore);
const isIncluded = compileIncludeRule(settings.include);
const report = (message: ThreadReport): void => port.postMessage(message);
const outlet = new HintOutlet(report);
const listings = new Map<number, Listing>();
const watcher = await openWatcher();

port.on("message", (order: ThreadOrder) => {
  switch (order.type) {
    case "look": {
      const { device } = order;
      const found = order.paths.map((path) => lookAt(path, { folder, device, isIncluded }));
      report({ type: "found", id: order.id, found });
      return;
    }
    case "list": {
      const { from, isRecursive, device } = order;
      const options = { folder, device, isIgnored, isIncluded, maxDepth, from, isRecursive };
      listings.set(order.listing, new Listing(options));
      return;
    }
    case "next":
      report({ type: "found", id: order.id, found: listings.get(order.listing)?.next() ?? [] });
      return;
    case "close":
      listings.get(order.listing)?.close();
      listings.delete(order.listing);
      return;
    case "taken":
      outlet.taken();
      return;
    case "check":
      watcher?.check();
      return;
    default:
      order satisfies never;
  }
});

if (watcher === null) report({ type: "recovered" });
else await watcher.start();
report({ type: "watching" });

/** Loads only the one that is wanted; chokidar takes longer to load than a small folder to watch. */
async function openWatcher(): Promise<Watcher | null> {
  const options: WatcherOptions = { folder, isIgnored, maxDepth, sink: outlet.sink };
  switch (settings.watcher) {
    case "native": {
      const { NativeWatcher } = await import("./native-watcher.ts");
      return new NativeWatcher(options);
    }
    case "chokidar": {
      const { ChokidarWatcher } = await import("./chokidar-watcher.ts");
      return new ChokidarWatcher(options);
    }
    case "none":
      return null;
    default:
      return settings.watcher satisfies never;
  }
}
