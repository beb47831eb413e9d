import type { ObjectPath, ObjectVersion, RootName, Sha256 } from "@sluice/contracts";
import type { Original } from "./originals.ts";
import type { Provenance } from "./vault-record.ts";

export interface PublishRequest extends Original {
  readonly sha256: Sha256 | null;
  /** Published root; the path there is the same. */
  readonly to: RootName;
}

export interface RestoreRequest {
  readonly provenance: Provenance;
  readonly to: { readonly root: RootName; readonly path: ObjectPath };
  readonly token: string;
}

/** Other content, in this version, lies where the file should go. */
export interface Conflict {
  readonly kind: "conflict";
  readonly existing: ObjectVersion;
}

export type PlaceResult = { readonly kind: "placed" | "changed" | "gone" } | Conflict;

/**
 * Port that makes files appear in a root: complete, verified, durable, under their final name at once, and never
 * over another file. Every method may be repeated after a crash in any of its steps.
 */
export interface Places {
  /** A file with the same content under the final name counts as placed. */
  publish(request: PublishRequest): Promise<PlaceResult>;
  /** Any file under the final name is a conflict, unless an earlier attempt of this token put it there. */
  restore(request: RestoreRequest): Promise<{ readonly kind: "placed" } | Conflict>;
  /** Removes what `publish` or `restore` needed to recognise its own work; called once that is recorded. */
  tidy(to: { readonly root: RootName; readonly path: ObjectPath }, token: string): Promise<void>;
}
