import { createHash } from "node:crypto";

/** Headers that a server keeps with an object and answers again. */
export const KEPT_HEADERS = [
  "content-type",
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "expires",
  "x-amz-website-redirect-location",
  "x-amz-storage-class",
] as const;

export interface FakeContent {
  readonly bytes: Buffer;
  /** Those of `KEPT_HEADERS` and `x-amz-meta-…`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  /** MD5 of the key of SSE-C, base64. */
  readonly customerKeyMd5?: string;
}

export interface FakeVersion {
  /** `null` in a bucket that keeps no versions. */
  readonly versionId: string;
  readonly isMarker: boolean;
  readonly bytes: Buffer;
  /** With quotation marks. */
  readonly etag: string;
  readonly lastModifiedMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly customerKeyMd5: string | null;
  tags: Readonly<Record<string, string>>;
  retainUntilMs: number;
  hasLegalHold: boolean;
}

/** One bucket in memory, with the rules of S3 about versions and locks. */
export class FakeBucket {
  versioning: "off" | "on" | "suspended" = "off";
  /** Newest first. */
  readonly #versions = new Map<string, FakeVersion[]>();
  #sorted: string[] | null = null;
  #count = 0;
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Keys with at least one version, in the order of their UTF-8 bytes. */
  keys(): readonly string[] {
    this.#sorted ??= [...this.#versions.keys()]
      .map((key) => ({ key, bytes: Buffer.from(key) }))
      .toSorted((a, b) => a.bytes.compare(b.bytes))
      .map(({ key }) => key);
    return this.#sorted;
  }

  versionsOf(key: string): readonly FakeVersion[] {
    return this.#versions.get(key) ?? [];
  }

  /** What lies under the key now, or the version that is named; a delete marker is one, too. */
  find(key: string, versionId: string | null = null): FakeVersion | null {
    const versions = this.versionsOf(key);
    if (versionId === null) return versions[0] ?? null;
    return versions.find((version) => version.versionId === versionId) ?? null;
  }

  put(key: string, { bytes, headers = {}, tags = {}, customerKeyMd5 }: FakeContent): FakeVersion {
    const digest = createHash("md5").update(bytes).digest("hex");
    return this.#add(key, {
      versionId: this.#nextVersionId(),
      isMarker: false,
      bytes,
      etag: `"${digest}"`,
      lastModifiedMs: this.#nowMs(),
      headers,
      customerKeyMd5: customerKeyMd5 ?? null,
      tags,
      retainUntilMs: 0,
      hasLegalHold: false,
    });
  }

  /** Gives the marker or the version that was removed; null: there was nothing to do; `locked`: it may not go. */
  delete(key: string, versionId: string | null): FakeVersion | "locked" | null {
    if (versionId !== null) return this.#remove(key, versionId);
    if (this.versioning === "off") return this.#remove(key, "null");
    const empty = { bytes: Buffer.alloc(0), etag: "", headers: {}, tags: {} };
    return this.#add(key, {
      ...empty,
      versionId: this.#nextVersionId(),
      isMarker: true,
      lastModifiedMs: this.#nowMs(),
      customerKeyMd5: null,
      retainUntilMs: 0,
      hasLegalHold: false,
    });
  }

  #remove(key: string, versionId: string): FakeVersion | "locked" | null {
    const found = this.find(key, versionId);
    if (found === null) return null;
    if (found.hasLegalHold || found.retainUntilMs > this.#nowMs()) return "locked";
    this.#set(
      key,
      this.versionsOf(key).filter((version) => version !== found),
    );
    return found;
  }

  #add(key: string, version: FakeVersion): FakeVersion {
    const others = this.versionsOf(key).filter(({ versionId }) => versionId !== version.versionId);
    this.#set(key, [version, ...others]);
    return version;
  }

  #set(key: string, versions: FakeVersion[]): void {
    if (versions.length === 0) this.#versions.delete(key);
    else this.#versions.set(key, versions);
    if (versions.length <= 1) this.#sorted = null;
  }

  #nextVersionId(): string {
    this.#count += 1;
    if (this.versioning !== "on") return "null";
    return createHash("sha1").update(`${this.#count}`).digest("base64url").slice(0, 24);
  }
}
