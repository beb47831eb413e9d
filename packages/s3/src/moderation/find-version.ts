import type { ObjectVersion } from "@sluice/contracts";
import { headObject, type ObjectHead } from "../client/head-object.ts";
import { parseObjectVersion } from "../client/object-version.ts";
import type { BucketKey } from "./bucket-of.ts";

export type FoundVersion =
  | { readonly kind: "found"; readonly head: ObjectHead; readonly isPresent: boolean }
  | { readonly kind: "changed" | "gone" };

/**
 * Looks for one version of an object. With versions it may lie below a newer one (`isPresent` is false then); without, whatever lies
 * under the key must be it. Throws S3Error.
 */
export async function findVersion(
  { bucket, key }: BucketKey,
  version: ObjectVersion,
): Promise<FoundVersion> {
  const present = await headObject(bucket, key);
  if (present?.version === version) return { kind: "found", head: present, isPresent: true };
  const token = parseObjectVersion(version);
  if (token?.kind !== "version") return { kind: present === null ? "gone" : "changed" };
  const older = await headObject(bucket, key, token.versionId);
  if (older?.version === version) return { kind: "found", head: older, isPresent: false };
  return { kind: present === null ? "gone" : "changed" };
}
