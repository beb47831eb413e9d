import { stat } from "node:fs/promises";
import type { SluiceConfig } from "@sluice/config";
import type { RootName } from "@sluice/contracts";

/** None of the folders that this process should act on is there. */
export class RootsUnreachableError extends Error {
  override readonly name = "RootsUnreachableError";
  readonly code = "ROOTS_UNREACHABLE";
  readonly retryable = false;
  readonly exitCode = 78;
  constructor(folders: readonly string[]) {
    super(
      `roots: expected the folders of the sources to be there, found none of ${folders.join(", ")}; create or mount them.`,
    );
  }
}

/**
 * Roots of sources whose folder this process can reach: it takes their verdicts. Those of other roots wait for a
 * moderation process that can. Throws RootsUnreachableError when there is none.
 */
export async function findReachableRoots(
  config: SluiceConfig,
  events: { rootUnreachable(root: RootName, folder: string): void },
): Promise<readonly RootName[]> {
  const reachable: RootName[] = [];
  const missing: string[] = [];
  for (const name of new Set(config.sources.map((source) => source.root))) {
    const root = config.roots.get(name);
    if (root?.kind !== "folder") continue; // elsewhere, and so is the moderation process that acts on it
    if (await isFolder(root.folder)) {
      reachable.push(name);
      continue;
    }
    missing.push(root.folder);
    events.rootUnreachable(name, root.folder);
  }
  if (reachable.length === 0) throw new RootsUnreachableError(missing);
  return reachable;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false; // missing, or not ours to see: either way nothing can be done there
  }
}
