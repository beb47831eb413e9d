import type { ObjectPath, ObjectVersion, RootName } from "@sluice/contracts";

export interface Original {
  readonly root: RootName;
  readonly path: ObjectPath;
  readonly version: ObjectVersion;
  /** Makes the private name; the same token finds it again after a crash. Letters and digits. */
  readonly token: string;
}

/**
 * Port that takes originals away from folders in which strangers may write at any time. Two calls, because
 * between them the caller records that the removal has begun.
 */
export interface Originals {
  /**
   * Gives the original a private name in its folder, after which it is out of everybody's way. Anything else that
   * stands under its name by then is put back: `changed`.
   */
  setAside(original: Original): Promise<"aside" | "changed" | "gone">;
  /** Removes what `setAside` put aside; does nothing when it is gone already. */
  removeAside(original: Original): Promise<void>;
}
