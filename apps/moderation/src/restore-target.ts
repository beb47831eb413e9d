import { isAbsolute, relative, sep } from "node:path";
import {
  encodeObjectPath,
  objectPathSchema,
  type ObjectPath,
  type RootName,
} from "@sluice/contracts";

/** Where `--to` points is not inside any root. */
export class TargetOutsideRootsError extends Error {
  override readonly name = "TargetOutsideRootsError";
  readonly code = "TARGET_OUTSIDE_ROOTS";
  readonly retryable = false;
  readonly exitCode = 64;
  constructor(wanted: string, folders: readonly string[]) {
    super(
      `--to ${JSON.stringify(wanted)} is neither a path below the file's own root nor an absolute path inside a configured one: ${folders.join(", ")}.`,
    );
  }
}

/**
 * What `--to` means: an absolute path must lie inside a configured root; a relative one, in the form in which paths
 * are listed, is below the root that the file came from. Null: no `--to`, the file's own place.
 * Throws TargetOutsideRootsError.
 */
export function findRestoreTarget({
  wanted,
  from,
  roots,
}: {
  readonly wanted: string | null;
  readonly from: RootName | null;
  /** Folders of the roots that this host reaches. */
  readonly roots: ReadonlyMap<RootName, string>;
}): { readonly root: RootName; readonly path: ObjectPath } | null {
  if (wanted === null) return null;
  const outside = () => new TargetOutsideRootsError(wanted, [...roots.values()]);
  if (isAbsolute(wanted)) {
    for (const [root, folder] of roots) {
      const path = relative(folder, wanted);
      const isInside = path !== "" && path !== ".." && !path.startsWith(`..${sep}`);
      if (isInside) return { root, path: encodeObjectPath(Buffer.from(path)) };
    }
    throw outside();
  }
  const path = objectPathSchema.safeParse(wanted);
  if (from === null || !path.success) throw outside();
  return { root: from, path: path.data };
}
