import type { ObjectPath, RootName } from "@sluice/contracts";
import type { OnStep, Original, Originals } from "@sluice/moderation";
import { findKey, type BucketKey, type BucketRoots } from "./bucket-of.ts";
import { deleteVersion, type Deleted } from "./delete-version.ts";
import { findVersion, type FoundVersion } from "./find-version.ts";
import { hideOlder, olderThanUnversioned, showAgain } from "./hide-older.ts";
import { readTags, writeTags } from "./object-tags.ts";

/** What is worth a log line. Never throws. */
export interface S3OriginalsEvents {
  /** A bucket refuses to let an object go that was to be removed. */
  originalLocked(object: { readonly root: RootName; readonly path: ObjectPath }): void;
  /** Such an object is forbidden, and could not even be marked: no permission to tag it, or no room for a tag. */
  markRefused(object: { readonly root: RootName; readonly path: ObjectPath }): void;
}

export interface S3OriginalsOptions {
  readonly buckets: BucketRoots;
  readonly events: S3OriginalsEvents;
  readonly onStep: OnStep;
}

/** The tag that a locked object gets; policies of buckets can keep people from reading what has it. */
export const DECISION_TAG = "sluice-decision";
const QUARANTINE = "quarantine";

/**
 * Takes objects out of buckets. Nothing can be set aside under another name there: with versions the judged one is removed by its id
 * and no other, without them it is looked at and removed under the condition that it has not changed. An object that its bucket
 * refuses to let go (Object Lock, no permission) stays: `locked`, which is final. One that is forbidden is tagged then.
 */
export class S3Originals implements Originals {
  readonly #options: S3OriginalsOptions;

  constructor(options: S3OriginalsOptions) {
    this.#options = options;
  }

  async setAside(original: Original): Promise<"aside" | "changed" | "gone"> {
    const found = await findVersion(this.#at(original), original.version);
    if (found.kind !== "found") return found.kind;
    this.#options.onStep("original.verified");
    return "aside";
  }

  async remove(original: Original): Promise<"removed" | "changed" | "gone" | "locked"> {
    const at = this.#at(original);
    const found = await findVersion(at, original.version);
    if (found.kind !== "found") return found.kind;
    const deleted = await removeFound(at, found);
    if (deleted === "locked") {
      this.#options.events.originalLocked({ root: original.root, path: original.path });
      return "locked";
    }
    if (deleted !== "deleted") return deleted;
    this.#options.onStep("original.removed");
    return "removed";
  }

  async mark(original: Original): Promise<void> {
    const { root, path } = original;
    const at = this.#at(original);
    const found = await findVersion(at, original.version);
    if (found.kind !== "found") return;
    try {
      const object = { key: at.key, versionId: found.head.versionId };
      const tags = await readTags(at.bucket, object);
      await writeTags(at.bucket, object, { ...tags, [DECISION_TAG]: QUARANTINE });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#options.events.markRefused({ root, path });
    }
  }

  async unmark(original: Original): Promise<void> {
    const at = this.#at(original);
    const found = await findVersion(at, original.version);
    if (found.kind !== "found") return;
    const object = { key: at.key, versionId: found.head.versionId };
    const { [DECISION_TAG]: mark, ...others } = await readTags(at.bucket, object);
    if (mark !== undefined) await writeTags(at.bucket, object, others);
  }

  #at({ root, path }: Original): BucketKey {
    return findKey(this.#options.buckets, { root, path });
  }
}

type Found = Extract<FoundVersion, { kind: "found" }>;

async function removeFound(at: BucketKey, { head, isPresent }: Found): Promise<Deleted> {
  const { versionId } = head;
  if (versionId === "null") {
    const hide = await olderThanUnversioned(at);
    const removed = await deleteVersion(at, head);
    if (removed === "deleted") await hide();
    return removed;
  }
  const markerId = versionId !== null && isPresent ? await hideOlder(at, versionId) : null;
  const deleted = await deleteVersion(at, head);
  // It stays, so it is not hidden either: whoever looks for it must see that it is locked.
  if (deleted === "locked" && markerId !== null) await showAgain(at, markerId);
  return deleted;
}

/** Tagging is refused for good: no permission, too many tags, or a server that knows none. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return error.code === "S3_ACCESS_DENIED" || error.code === "S3_REQUEST_REFUSED";
}
