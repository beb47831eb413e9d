import type { ObjectRef } from "@sluice/contracts";
import { versionOfObject } from "../client/object-version.ts";
import type { Bucket } from "../client/open-bucket.ts";
import type { ListedObject } from "./listing/listed-page.ts";
import type { VersionKind } from "./version-mode.ts";

/**
 * An object as the journal knows it; null: it lies outside of the prefix. Its version must come out the same whether a listing or a look
 * tells of it, so ids of versions count only where listings tell them.
 */
export function toObjectRef(
  bucket: Pick<Bucket, "pathOf">,
  { key, versionId, etag, sizeBytes, lastModifiedMs }: ListedObject,
  kind: VersionKind,
): ObjectRef | null {
  const path = bucket.pathOf(key);
  if (path === null) return null;
  const id = kind === "ids" ? versionId : null;
  return {
    path,
    version: versionOfObject({ versionId: id, etag, sizeBytes, lastModifiedMs }),
    sizeBytes,
  };
}
