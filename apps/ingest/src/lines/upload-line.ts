import { dirname, join } from "node:path";
import type { ReceivedSourceConfig, SluiceConfig, SourceConfig } from "@sluice/config";
import { folderRoots } from "@sluice/config";
import { SelfClockedSender, UploadDesk } from "@sluice/sources";
import { FolderSpool, SqliteAnswers } from "@sluice/storage";
import type { ReadinessReport } from "@sluice/telemetry";
import { elsewhere } from "./elsewhere.ts";
import { paceOf } from "./pace.ts";
import type { SharedParts, SourceLine } from "./source-line.ts";

/** A line whose objects are sent to us; `listen` is called when it can take them, and what it gives is disposed of first. */
export interface UploadLineOptions {
  readonly listen: (desk: UploadDesk) => Promise<AsyncDisposable>;
  /** Whether uploads are found, where nobody sends them. */
  readonly readiness?: () => ReadinessReport;
}

/** A source whose root is a spool of our own. */
export type SpooledSource = SourceConfig &
  Pick<ReceivedSourceConfig, "maxPending" | "maxBytes" | "answersKeptMs">;

/** What every source of received uploads is made of: a listener, the desk with its spool and answers, journal, sender. */
export function openUploadLine(
  config: SluiceConfig,
  source: SpooledSource,
  { parts, listen, readiness }: { readonly parts: SharedParts } & UploadLineOptions,
): SourceLine {
  const { journal, chunkSender, clock, events: allEvents, onFailed } = parts;
  const { name, root, policy, ensemble } = source;
  const folder = folderRoots(config.roots).get(root);
  if (folder === undefined) throw elsewhere(source);
  const sender = new SelfClockedSender({
    ...config.ingest,
    binding: { source: name, root, policy, ensemble, lane: "live", wantsAnswers: true },
    journal,
    clock,
    pace: paceOf(source),
    chunkSender,
    events: allEvents.ofSource(name),
    onFailed,
  });
  const stack = new AsyncDisposableStack();
  let desk: UploadDesk | null = null;
  return {
    name,
    get senderState() {
      return sender.state;
    },
    get settling() {
      return desk?.pendingCount ?? 0;
    },
    isDegraded: false,
    readiness: () => {
      const more = readiness?.() ?? { isReady: true, checks: {} };
      const own = { [`${name}.uploads`]: desk === null ? "not listening" : "ok" };
      return { isReady: desk !== null && more.isReady, checks: { ...own, ...more.checks } };
    },
    settled(notice) {
      desk?.settled(notice);
      allEvents.ofSource(name).objectsDecided({
        chunkId: notice.chunkId,
        count: notice.objects.length,
      });
    },
    async start() {
      stack.defer(async () => await sender.stop());
      const spool = stack.use(await FolderSpool.open(folder));
      const answersPath = join(dirname(config.ingest.journalPath), `answers-${name}.sqlite`);
      const answers = stack.use(SqliteAnswers.open(answersPath));
      const onSeen = (): void => sender.wake();
      const opened = new UploadDesk({
        ...source,
        source: name,
        spool,
        journal,
        answers,
        clock,
        onSeen,
      });
      await opened.recover();
      sender.start();
      desk = opened;
      stack.use(await listen(opened));
    },
    async [Symbol.asyncDispose]() {
      await stack.disposeAsync();
    },
  };
}
