import type { ObjectPath, ObjectVersion, RootName } from "@sluice/contracts";

export interface Original {
  readonly root: RootName;
  readonly path: ObjectPath;
  readonly version: ObjectVersion;
  /** Makes the private name; the same token finds it again after a crash. Letters and digits. */
  readonly token: string;
}

/**
 * Port that takes originals away from folders in which strangers may write at any time. Whoever must record that the
 * removal has begun calls `setAside` before and `remove` after.
 */
export interface Originals {
  /**
   * Gives the original a private name in its folder, after which it is out of everybody's way. Anything else that
   * stands under its name by then is put back: `changed`.
   */
  setAside(original: Original): Promise<"aside" | "changed" | "gone">;
  /**
   * Removes the original for good, put aside before or not; durable on return. `gone` when it is not there. `locked`: it is there,
   * in this version, and the place refuses to let it go (a lock on the object, no permission).
   */
  remove(original: Original): Promise<"removed" | "changed" | "gone" | "locked">;
  /** Marks a locked original as quarantined for whoever reads it, where the place can do that. */
  mark(original: Original): Promise<void>;
  /** Takes that mark off. */
  unmark(original: Original): Promise<void>;
}
