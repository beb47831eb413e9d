import { createHash } from "node:crypto";
import { sha256Schema, type ObjectVersion, type Sha256 } from "@sluice/contracts";
import type {
  Conflict,
  ObjectAttributes,
  OnStep,
  PlaceResult,
  Places,
  PublishRequest,
  RestoreRequest,
  VaultBytes,
} from "@sluice/moderation";
import { getObject } from "../client/get-object.ts";
import { headObject, type ObjectHead } from "../client/head-object.ts";
import { S3BusyError } from "../client/s3-errors.ts";
import { findKey, type BucketKey, type BucketRoots } from "./bucket-of.ts";
import { copyNewObject, mayServerCopy } from "./copy-object.ts";
import { findVersion } from "./find-version.ts";
import { putFields, readAttributes } from "./object-attributes.ts";
import { ContentDiffers, onlyContent, wholeBody } from "./object-body.ts";
import { putNewObject } from "./put-object.ts";

export interface S3PlacesOptions {
  readonly buckets: BucketRoots;
  readonly vault: VaultBytes;
  readonly onStep: OnStep;
  /** Whether a server is left to copy between two buckets; left out: where it can be trusted with that. */
  readonly mayCopy?: typeof mayServerCopy;
}

/**
 * Makes objects appear in buckets: an upload is complete under its key at once or not at all, and none is made over another object
 * (`If-None-Match`). No mark is left on what was placed: an attempt after a crash knows its own work by its content, and where
 * the same content lies already there is nothing to do.
 */
export class S3Places implements Places {
  readonly #options: S3PlacesOptions;

  constructor(options: S3PlacesOptions) {
    this.#options = options;
  }

  async publish(request: PublishRequest): Promise<PlaceResult> {
    const { buckets } = this.#options;
    const from = findKey(buckets, request);
    const to = findKey(buckets, { root: request.to, path: request.path });
    const existing = await headObject(to.bucket, to.key);
    if (existing !== null) return await this.#compare(request, { from, to, existing });
    const found = await findVersion(from, request.version);
    if (found.kind !== "found") return { kind: found.kind };
    // A newer version lies over it, which has its own verdict.
    if (!found.isPresent) return { kind: "changed" };
    const mayCopy = this.#options.mayCopy ?? mayServerCopy;
    const stored = mayCopy(from.bucket, to.bucket)
      ? await copyNewObject({ ...from, head: found.head }, to)
      : await passThrough(request, { from, to });
    if (stored === "changed" || stored === "gone") return { kind: stored };
    if (stored === "stored") return this.#placed();
    return await this.#compare(request, { from, to, existing: await requireHead(to) });
  }

  async restore(request: RestoreRequest): Promise<{ readonly kind: "placed" } | Conflict> {
    const { provenance } = request;
    const to = findKey(this.#options.buckets, request.to);
    const existing = await headObject(to.bucket, to.key);
    if (existing === null) {
      const stored = await putNewObject(to.bucket, {
        key: to.key,
        bytes: this.#options.vault.read(provenance),
        sizeBytes: provenance.sizeBytes,
        fields: putFields(provenance.attributes ?? NO_ATTRIBUTES),
      });
      if (stored === "stored") return this.#placed();
    }
    const other = existing ?? (await requireHead(to));
    const isSame = await hasContent(to, other, provenance);
    return isSame ? this.#placed() : { kind: "conflict", existing: other.version };
  }

  /** Nothing was needed to recognise our own work. */
  tidy(): Promise<void> {
    this.#options.onStep("place.tidied");
    return Promise.resolve();
  }

  /** Something has the key. The same content counts as placed, also when the source is gone by now: an earlier attempt put it there. */
  async #compare(
    request: PublishRequest,
    { from, to, existing }: { from: BucketKey; to: BucketKey; existing: ObjectHead },
  ): Promise<PlaceResult> {
    const { sha256, version } = request;
    const judged = sha256 ?? (await hashObject(from, version));
    if (judged !== null && (await hashObject(to, existing.version)) === judged)
      return this.#placed();
    const found = await findVersion(from, version);
    if (found.kind !== "found") return { kind: found.kind };
    if (!found.isPresent) return { kind: "changed" };
    return { kind: "conflict", existing: existing.version };
  }

  #placed(): { readonly kind: "placed" } {
    this.#options.onStep("place.linked");
    return { kind: "placed" };
  }
}

const NO_ATTRIBUTES: ObjectAttributes = { metadata: {}, tags: {} };

/** The bytes come here, are hashed, and go on; the last of them only if they are what was judged. */
async function passThrough(
  request: PublishRequest,
  { from, to }: { readonly from: BucketKey; readonly to: BucketKey },
): Promise<"stored" | "refused" | "changed" | "gone"> {
  const opened = await getObject(from.bucket, from.key, request.version);
  if (opened.kind !== "open") return opened.kind === "missing" ? "gone" : "changed";
  try {
    const attributes = await readAttributes(from.bucket, from.key, opened);
    const about = { bucket: from.bucket.settings.bucket, key: from.key };
    const stored = await putNewObject(to.bucket, {
      key: to.key,
      bytes: onlyContent(wholeBody(opened, about), request.sha256),
      sizeBytes: opened.head.sizeBytes,
      fields: putFields(attributes),
    });
    return stored === "exists" ? "refused" : stored;
  } catch (error) {
    if (error instanceof ContentDiffers) return "changed";
    throw error;
  } finally {
    opened.body.destroy();
  }
}

/** What was in the way a moment ago. Throws S3BusyError when it is not any more: the next attempt finds the key free. */
async function requireHead({ bucket, key }: BucketKey): Promise<ObjectHead> {
  const head = await headObject(bucket, key);
  if (head !== null) return head;
  const request = { action: "PutObject", bucket: bucket.settings.bucket, key };
  throw new S3BusyError(request, "another writer was at it");
}

async function hasContent(
  at: BucketKey,
  head: ObjectHead,
  { sizeBytes, sha256 }: { readonly sizeBytes: number; readonly sha256: Sha256 },
): Promise<boolean> {
  return head.sizeBytes === sizeBytes && (await hashObject(at, head.version)) === sha256;
}

/** Null: it is not there in this version. */
async function hashObject(
  { bucket, key }: BucketKey,
  version: ObjectVersion,
): Promise<Sha256 | null> {
  const opened = await getObject(bucket, key, version);
  if (opened.kind !== "open") return null;
  const hash = createHash("sha256");
  const bytes = wholeBody(opened, { bucket: bucket.settings.bucket, key });
  for await (const part of bytes) hash.update(part);
  return sha256Schema.parse(hash.digest("hex"));
}
