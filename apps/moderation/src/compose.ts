import type { PolicyName, RootName, SettledJob, VerdictJob } from "@sluice/contracts";
import {
  EffectRunner,
  resumeEffects,
  retryEffects,
  settleVerdict,
  type EnsembleDirectory,
  type ModerationEvents,
  type OnStep,
  type OperatorOptions,
} from "@sluice/moderation";
import type { Policy } from "@sluice/policy";
import {
  S3Originals,
  S3Places,
  S3StoredObjects,
  type BucketRoots,
  type S3OriginalsEvents,
} from "@sluice/s3";
import {
  createTokenSource,
  FolderOriginals,
  FolderPlaces,
  FolderVault,
  SqliteRecords,
} from "@sluice/storage";
import { routeByRoot } from "./route-roots.ts";

export interface ComposeOptions {
  /** Absolute folders of the roots that this process can reach. */
  readonly roots: ReadonlyMap<RootName, string>;
  /** The roots that are buckets. */
  readonly buckets: BucketRoots;
  readonly policies: ReadonlyMap<PolicyName, Policy>;
  readonly vaultDir: string;
  readonly databasePath: string;
  /** Effects under way at the same time. */
  readonly concurrency: number;
  readonly ensembles: (records: SqliteRecords) => EnsembleDirectory;
  readonly events: ModerationEvents & S3OriginalsEvents;
  /** Unix time in milliseconds. */
  readonly now: () => number;
  /** Fault injection; does nothing in production. */
  readonly onStep?: OnStep;
}

/** Moderation over folders, buckets and SQLite, without its queue: what the long-running process and an operator's share. */
export interface Moderation extends Disposable {
  readonly records: SqliteRecords;
  /** @param onDecided called with decisions for which somebody waits, before they are carried out */
  settle(
    verdict: VerdictJob,
    onDecided?: (notice: SettledJob) => Promise<void>,
  ): Promise<SettledJob | null>;
  resume(): Promise<readonly SettledJob[]>;
  retry(): Promise<readonly SettledJob[]>;
  operator(actor: string): OperatorOptions;
}

export function composeModeration(options: ComposeOptions): Moderation {
  const { policies, events, now, concurrency } = options;
  const onStep = options.onStep ?? (() => undefined);
  const records = new SqliteRecords({ path: options.databasePath, now });
  const ports = { records, ...createActors(options, onStep), now, onStep };
  const runner = new EffectRunner({ ports, events, concurrency });
  const nextToken = createTokenSource(now);
  const ensembles = options.ensembles(records);
  const common = { records, runner, events, now, nextToken, onStep };
  return {
    records,
    settle: (verdict, onDecided = async () => undefined) =>
      settleVerdict(verdict, { ...common, policies, ensembles, onDecided }),
    resume: () => resumeEffects(common),
    retry: () => retryEffects(common),
    operator: (actor) => ({ ...common, actor }),
    [Symbol.dispose]: () => records[Symbol.dispose](),
  };
}

function createActors({ roots, buckets, vaultDir, events }: ComposeOptions, onStep: OnStep) {
  const stored = new S3StoredObjects(buckets);
  const vault = new FolderVault({ folder: vaultDir, roots, stored, onStep });
  const folders = {
    originals: new FolderOriginals({ roots, onStep }),
    places: new FolderPlaces({ roots, vault, onStep }),
  };
  const inBuckets = {
    originals: new S3Originals({ buckets, events, onStep }),
    places: new S3Places({ buckets, vault, onStep }),
  };
  const isBucket = (root: RootName) => buckets.has(root);
  return { vault, ...routeByRoot(isBucket, { folders, buckets: inBuckets }) };
}
