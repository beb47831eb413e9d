import type { ObjectRef } from "@sluice/contracts";

/** An object as a source has just found it. */
export interface Sighting {
  readonly object: ObjectRef;
  /** Unix time in milliseconds of its last change, by the clock of where it lies. */
  readonly changedAtMs: number;
}
