import { stat } from "node:fs/promises";
import type { SluiceConfig } from "@sluice/config";
import type { RootName } from "@sluice/contracts";
import { assertBucketThere, type Bucket, type BucketRoots } from "@sluice/s3";

/** None of the folders and buckets that this process should act on is there. */
export class RootsUnreachableError extends Error {
  override readonly name = "RootsUnreachableError";
  readonly code = "ROOTS_UNREACHABLE";
  readonly retryable = false;
  readonly exitCode = 78;
  constructor(places: readonly string[]) {
    super(
      `roots: expected the folders and buckets of the sources to be there, found none of ${places.join(", ")}; create them, mount them, or allow them to be listed.`,
    );
  }
}

export interface ReachOptions {
  readonly buckets: BucketRoots;
  readonly events: { rootUnreachable(root: RootName, place: string): void };
}

/**
 * Roots of sources whose folder or bucket this process can reach: it takes their verdicts. Those of other roots wait for a
 * moderation process that can. Throws RootsUnreachableError when there is none.
 */
export async function findReachableRoots(
  config: SluiceConfig,
  { buckets, events }: ReachOptions,
): Promise<readonly RootName[]> {
  const reachable: RootName[] = [];
  const missing: string[] = [];
  for (const name of new Set(config.sources.map((source) => source.root))) {
    const root = config.roots.get(name);
    const bucket = buckets.get(name);
    if (bucket === undefined && root?.kind !== "folder") continue; // elsewhere, and so is the moderation process that acts on it
    const place = root?.kind === "folder" ? root.folder : (bucket?.settings.bucket ?? name);
    const isThere = bucket === undefined ? await isFolder(place) : await isBucket(bucket);
    if (isThere) {
      reachable.push(name);
      continue;
    }
    missing.push(place);
    events.rootUnreachable(name, place);
  }
  if (reachable.length === 0) throw new RootsUnreachableError(missing);
  return reachable;
}

/** A server that does not answer at this moment says nothing; one that refuses us, or knows no such bucket, does. */
async function isBucket(bucket: Bucket): Promise<boolean> {
  try {
    await assertBucketThere(bucket);
    return true;
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error)) throw error;
    return error.code === "S3_UNAVAILABLE" || error.code === "S3_BUSY";
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false; // missing, or not ours to see: either way nothing can be done there
  }
}
