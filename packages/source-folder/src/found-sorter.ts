import { encodeObjectPath, objectVersionSchema, type SourceName } from "@sluice/contracts";
import type { Intake, Sighting } from "@sluice/sources";
import { toBytes } from "./byte-path.ts";
import type { FolderEvents } from "./folder-events.ts";
import type { Found, FoundFile, SkipReason } from "./found.ts";

/** What was found, by kind. */
export interface FoundTally {
  files: number;
  /** Files among them that have other names as well. */
  hardLinked: number;
  unreadable: number;
  readonly skipped: Record<SkipReason, number>;
}

export function newTally(): FoundTally {
  const skipped = {
    symlink: 0,
    special: 0,
    "other-device": 0,
    ignored: 0,
    "not-included": 0,
    "too-deep": 0,
  } satisfies Record<SkipReason, number>;
  return { files: 0, hardLinked: 0, unreadable: 0, skipped };
}

export interface FoundSorter {
  readonly source: SourceName;
  readonly intake: Pick<Intake, "offer" | "missing">;
  readonly events: Pick<FolderEvents, "unreadable">;
}

/** Hands files to the intake and counts the rest. Returns false when some files will have to be listed again. */
export function sortFound(
  batch: readonly Found[],
  { source, intake, events }: FoundSorter,
  tally: FoundTally = newTally(),
): boolean {
  const sightings = [];
  const missing = [];
  for (const found of batch) {
    switch (found.kind) {
      case "file":
        tally.files += 1;
        if (found.isHardLinked) tally.hardLinked += 1;
        sightings.push(toSighting(found));
        break;
      case "missing":
        if (found.path !== "") missing.push(encodeObjectPath(toBytes(found.path)));
        break;
      case "unreadable":
        tally.unreadable += 1;
        events.unreadable({ source, code: found.code });
        break;
      case "skipped":
        tally.skipped[found.reason] += 1;
        break;
      case "directory":
        break;
      default:
        found satisfies never;
    }
  }
  intake.missing(missing);
  return sightings.length === 0 || intake.offer(sightings);
}

function toSighting({ path, version, sizeBytes, changedAtMs }: FoundFile): Sighting {
  return {
    object: {
      path: encodeObjectPath(toBytes(path)),
      version: objectVersionSchema.parse(version),
      sizeBytes,
    },
    changedAtMs,
  };
}
