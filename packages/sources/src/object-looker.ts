import type { ObjectPath } from "@sluice/contracts";
import type { Sighting } from "./sighting.ts";

/**
 * Port: looks what lies under paths of a root that somebody else named (a log, an event). The answers are in the order of the
 * paths. Nothing outside of the root is looked at, whatever a path or a link says.
 */
export interface ObjectLooker {
  look(paths: readonly ObjectPath[]): Promise<readonly Looked[]>;
  /** Whether another place lies there than at first (a disk was unmounted): what is missing in it is not gone then. Left out: never. */
  hasMoved?(): boolean;
}

export type Looked =
  /** `sighting.object.path` is the object's own path, which differs from the asked one where a link lies on the way. */
  | { readonly kind: "object"; readonly sighting: Sighting }
  | { readonly kind: "missing" }
  | { readonly kind: "directory" }
  /** Something is there that is no object: a link, a device, or it lies outside. */
  | {
      readonly kind: "refused";
      readonly reason: "symlink" | "special" | "outside" | "other-device";
    }
  | { readonly kind: "unreadable"; readonly code: string }
  /** The root itself cannot be asked at present; nothing is known about the object. */
  | { readonly kind: "unavailable"; readonly code: string };
