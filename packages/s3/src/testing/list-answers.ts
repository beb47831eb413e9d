import type { FakeBucket, FakeVersion } from "./fake-bucket.ts";
import { encodeQueryText, escapeXml } from "./xml-text.ts";

/** Answer to ListObjectsV2. */
export function listObjects(name: string, bucket: FakeBucket, query: URLSearchParams): string {
  const page = takePage(bucket, query, {
    after: query.get("continuation-token") ?? query.get("start-after") ?? "",
    // A token of ours is the last key or common prefix that was given.
    isHere: (key) => bucket.find(key)?.isMarker === false,
  });
  const text = keyText(query);
  const contents = page.keys.map((key) => {
    const found = bucket.find(key);
    return found === null
      ? ""
      : `<Contents><Key>${text(key)}</Key>${facts(found)}<StorageClass>STANDARD</StorageClass></Contents>`;
  });
  const next =
    page.next === null
      ? ""
      : `<NextContinuationToken>${escapeXml(page.next)}</NextContinuationToken>`;
  const count = page.keys.length + page.prefixes.length;
  return `<ListBucketResult><Name>${name}</Name><KeyCount>${count}</KeyCount>${frame(query, page)}${next}${contents.join("")}</ListBucketResult>`;
}

/** Answer to ListObjectVersions; pages end between keys. */
export function listVersions(name: string, bucket: FakeBucket, query: URLSearchParams): string {
  const page = takePage(bucket, query, {
    after: query.get("key-marker") ?? "",
    isHere: () => true,
  });
  const text = keyText(query);
  const entries = page.keys.flatMap((key) =>
    bucket.versionsOf(key).map((version, i) => {
      const tag = version.isMarker ? "DeleteMarker" : "Version";
      const id = `<Key>${text(key)}</Key><VersionId>${version.versionId}</VersionId><IsLatest>${i === 0}</IsLatest>`;
      const rest = version.isMarker ? time(version) : facts(version);
      return `<${tag}>${id}${rest}</${tag}>`;
    }),
  );
  const next = page.next === null ? "" : `<NextKeyMarker>${text(page.next)}</NextKeyMarker>`;
  return `<ListVersionsResult><Name>${name}</Name>${frame(query, page)}${next}${entries.join("")}</ListVersionsResult>`;
}

interface Page {
  readonly keys: readonly string[];
  readonly prefixes: readonly string[];
  /** Where the next page begins; null: this is the last. */
  readonly next: string | null;
}

function takePage(
  bucket: FakeBucket,
  query: URLSearchParams,
  { after, isHere }: { readonly after: string; readonly isHere: (key: string) => boolean },
): Page {
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const limit = Math.min(1000, Number(query.get("max-keys") ?? 1000));
  const keys: string[] = [];
  const prefixes = new Set<string>();
  let last = "";
  const all = bucket.keys();
  for (let i = firstAfter(all, after); i < all.length; i++) {
    const key = all[i] ?? "";
    if (!key.startsWith(prefix) || !isHere(key)) continue;
    const end = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    const common = end === -1 ? null : key.slice(0, end + delimiter.length);
    if (common !== null && (prefixes.has(common) || common === after)) continue;
    if (keys.length + prefixes.size >= limit) return { keys, prefixes: [...prefixes], next: last };
    if (common === null) keys.push(key);
    else prefixes.add(common);
    last = common ?? key;
  }
  return { keys, prefixes: [...prefixes], next: null };
}

/** Index of the first key that comes after `after` in the order of UTF-8 bytes. */
function firstAfter(keys: readonly string[], after: string): number {
  const bytes = Buffer.from(after);
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (Buffer.from(keys[middle] ?? "").compare(bytes) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function frame(query: URLSearchParams, { prefixes, next }: Page): string {
  const text = keyText(query);
  const encoding = query.get("encoding-type") === "url" ? "<EncodingType>url</EncodingType>" : "";
  const commons = prefixes.map(
    (prefix) => `<CommonPrefixes><Prefix>${text(prefix)}</Prefix></CommonPrefixes>`,
  );
  return `<Prefix>${text(query.get("prefix") ?? "")}</Prefix><MaxKeys>${query.get("max-keys") ?? 1000}</MaxKeys>${encoding}<IsTruncated>${next !== null}</IsTruncated>${commons.join("")}`;
}

function keyText(query: URLSearchParams): (key: string) => string {
  return query.get("encoding-type") === "url" ? encodeQueryText : escapeXml;
}

function facts(version: FakeVersion): string {
  return `${time(version)}<ETag>${escapeXml(version.etag)}</ETag><Size>${version.bytes.length}</Size>`;
}

function time({ lastModifiedMs }: FakeVersion): string {
  return `<LastModified>${new Date(lastModifiedMs).toISOString()}</LastModified>`;
}
