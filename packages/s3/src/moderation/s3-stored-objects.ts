import type { RootName } from "@sluice/contracts";
import type { KeepRequest, OpenedObject, StoredObjects } from "@sluice/moderation";
import { getObject } from "../client/get-object.ts";
import { findKey, type BucketRoots } from "./bucket-of.ts";
import { readAttributes } from "./object-attributes.ts";
import { wholeBody } from "./object-body.ts";

/** Opens objects for the vault, with what their bucket keeps beside the bytes. */
export class S3StoredObjects implements StoredObjects {
  readonly #buckets: BucketRoots;

  constructor(buckets: BucketRoots) {
    this.#buckets = buckets;
  }

  get roots(): ReadonlySet<RootName> {
    return new Set(this.#buckets.keys());
  }

  async open(
    request: Pick<KeepRequest, "root" | "path" | "version">,
  ): Promise<OpenedObject | { readonly kind: "changed" | "gone" }> {
    const { bucket, key } = findKey(this.#buckets, request);
    const found = await getObject(bucket, key, request.version);
    if (found.kind !== "open") return { kind: found.kind === "missing" ? "gone" : "changed" };
    try {
      const { sizeBytes, lastModifiedMs } = found.head;
      const attributes = await readAttributes(bucket, key, found);
      const bytes = wholeBody(found, { bucket: bucket.settings.bucket, key });
      return { kind: "open", bytes, sizeBytes, lastModifiedMs, attributes };
    } catch (error) {
      found.body.destroy();
      throw error;
    }
  }
}
