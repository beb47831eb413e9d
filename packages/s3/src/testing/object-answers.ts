import { createHash } from "node:crypto";
import {
  ACCESS_DENIED,
  failure,
  NO_SUCH_KEY,
  PRECONDITION_FAILED,
  xml,
  type Answer,
} from "./answer.ts";
import { KEPT_HEADERS, type FakeBucket, type FakeVersion } from "./fake-bucket.ts";
import type { FakeRequest } from "./fake-faults.ts";
import { escapeXml, unescapeXml } from "./xml-text.ts";

/** Conditions that a server does not look at, as some do not. */
export type Ignored = "delete-if-match" | "copy-conditions" | "put-if-none-match";

export interface ObjectContext {
  readonly request: FakeRequest;
  readonly bucket: FakeBucket;
  readonly body: Buffer;
  readonly ignores: readonly Ignored[];
  readonly findBucket: (name: string) => FakeBucket | null;
}

/** Get and Head. */
export function readObject({ request, bucket }: ObjectContext): Answer {
  const versionId = request.query.get("versionId");
  const found = bucket.find(request.key, versionId);
  if (found === null) return versionId === null ? NO_SUCH_KEY : failure(404, "NoSuchVersion");
  if (found.isMarker) {
    const headers = { "x-amz-delete-marker": "true", "x-amz-version-id": found.versionId };
    const answer = versionId === null ? NO_SUCH_KEY : failure(405, "MethodNotAllowed");
    return { ...answer, headers };
  }
  const refused = checkCustomerKey(request, found) ?? checkReadConditions(request, found);
  if (refused !== null) return refused;
  const headers = describe(bucket, found);
  return cutRange(header(request, "range"), found.bytes, headers);
}

export function putObject(context: ObjectContext): Answer {
  const { request, bucket, body, ignores } = context;
  const isBlind = ignores.includes("put-if-none-match");
  if (!isBlind && !mayPut(request, bucket)) return PRECONDITION_FAILED;
  const tags = Object.fromEntries(new URLSearchParams(header(request, "x-amz-tagging") ?? ""));
  return stored(
    bucket,
    bucket.put(request.key, {
      bytes: body,
      headers: keptHeaders(request),
      tags,
      ...customerKey(request),
    }),
  );
}

export function copyObject(context: ObjectContext): Answer {
  const { request, bucket, ignores, findBucket } = context;
  const from = findSource(request, findBucket);
  if (from === null || from.isMarker) return NO_SUCH_KEY;
  const wanted = header(request, "x-amz-copy-source-if-match");
  if (!ignores.includes("copy-conditions")) {
    if (wanted !== undefined && unquote(wanted) !== unquote(from.etag)) return PRECONDITION_FAILED;
    if (!mayPut(request, bucket)) return PRECONDITION_FAILED;
  }
  const isReplacing = header(request, "x-amz-metadata-directive") === "REPLACE";
  const headers = isReplacing ? keptHeaders(request) : from.headers;
  const made = bucket.put(request.key, {
    bytes: from.bytes,
    headers,
    tags: from.tags,
    ...customerKey(request),
  });
  const result = xml(`<CopyObjectResult><ETag>${escapeXml(made.etag)}</ETag></CopyObjectResult>`);
  return { ...result, headers: { ...result.headers, ...versionHeader(bucket, made) } };
}

export function deleteObject({ request, bucket, ignores }: ObjectContext): Answer {
  const versionId = request.query.get("versionId");
  const wanted = header(request, "if-match");
  const current = bucket.find(request.key);
  if (wanted !== undefined && !ignores.includes("delete-if-match")) {
    if (current === null || current.isMarker) return NO_SUCH_KEY;
    if (unquote(wanted) !== unquote(current.etag)) return PRECONDITION_FAILED;
  }
  const removed = bucket.delete(request.key, versionId);
  if (removed === "locked") return ACCESS_DENIED;
  if (removed === null) return { status: 204 };
  const marker = removed.isMarker ? { "x-amz-delete-marker": "true" } : {};
  return { status: 204, headers: { ...versionHeader(bucket, removed), ...marker } };
}

export function tagging({ request, bucket, body }: ObjectContext): Answer {
  const found = bucket.find(request.key, request.query.get("versionId"));
  if (found === null || found.isMarker) return NO_SUCH_KEY;
  if (request.operation === "GetObjectTagging") {
    const tags = Object.entries(found.tags).map(
      ([key, value]) => `<Tag><Key>${escapeXml(key)}</Key><Value>${escapeXml(value)}</Value></Tag>`,
    );
    return xml(`<Tagging><TagSet>${tags.join("")}</TagSet></Tagging>`);
  }
  found.tags = request.operation === "PutObjectTagging" ? parseTags(body.toString("utf8")) : {};
  return { status: request.operation === "DeleteObjectTagging" ? 204 : 200 };
}

export function lock({ request, bucket, body }: ObjectContext): Answer {
  const found = bucket.find(request.key, request.query.get("versionId"));
  if (found === null) return NO_SUCH_KEY;
  const text = body.toString("utf8");
  if (request.operation === "PutObjectLegalHold") found.hasLegalHold = /<Status>ON</u.test(text);
  else found.retainUntilMs = Date.parse(/<RetainUntilDate>([^<]+)</u.exec(text)?.[1] ?? "") || 0;
  return { status: 200 };
}

function mayPut(request: FakeRequest, bucket: FakeBucket): boolean {
  const current = bucket.find(request.key);
  const present = current === null || current.isMarker ? null : unquote(current.etag);
  if (header(request, "if-none-match") === "*" && present !== null) return false;
  const wanted = header(request, "if-match");
  return wanted === undefined || unquote(wanted) === present;
}

function checkReadConditions(request: FakeRequest, found: FakeVersion): Answer | null {
  const [match, noneMatch] = [header(request, "if-match"), header(request, "if-none-match")];
  if (match !== undefined && unquote(match) !== unquote(found.etag)) return PRECONDITION_FAILED;
  if (noneMatch !== undefined && unquote(noneMatch) === unquote(found.etag)) return { status: 304 };
  return null;
}

/** An object under a customer's key is not read without it, nor another one with it. */
function checkCustomerKey(request: FakeRequest, found: FakeVersion): Answer | null {
  const given = customerKey(request).customerKeyMd5 ?? null;
  if (given === found.customerKeyMd5) return null;
  return given === null || found.customerKeyMd5 === null
    ? failure(400, "InvalidRequest")
    : ACCESS_DENIED;
}

function customerKey(request: FakeRequest): { customerKeyMd5?: string } {
  const key = header(request, "x-amz-server-side-encryption-customer-key");
  if (key === undefined) return {};
  return { customerKeyMd5: createHash("md5").update(Buffer.from(key, "base64")).digest("base64") };
}

function findSource(
  request: FakeRequest,
  findBucket: ObjectContext["findBucket"],
): FakeVersion | null {
  const [path = "", query = ""] = (header(request, "x-amz-copy-source") ?? "").split("?");
  const [, name = "", key = ""] = /^\/?([^/]+)\/(.*)$/su.exec(decodeURIComponent(path)) ?? [];
  return findBucket(name)?.find(key, new URLSearchParams(query).get("versionId")) ?? null;
}

function describe(bucket: FakeBucket, found: FakeVersion): Record<string, string> {
  const tags = Object.keys(found.tags).length;
  return {
    "content-type": "binary/octet-stream",
    ...found.headers,
    etag: found.etag,
    "last-modified": new Date(found.lastModifiedMs).toUTCString(),
    "accept-ranges": "bytes",
    ...(tags > 0 && { "x-amz-tagging-count": `${tags}` }),
    ...versionHeader(bucket, found),
  };
}

function cutRange(
  range: string | undefined,
  bytes: Buffer,
  headers: Record<string, string>,
): Answer {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/u.exec(range ?? "") ?? [];
  if (from === undefined) return { status: 200, headers, body: bytes };
  const end = Math.min(bytes.length, to === undefined || to === "" ? bytes.length : Number(to) + 1);
  if (Number(from) >= bytes.length) return failure(416, "InvalidRange");
  const content = { "content-range": `bytes ${from}-${end - 1}/${bytes.length}` };
  return {
    status: 206,
    headers: { ...headers, ...content },
    body: bytes.subarray(Number(from), end),
  };
}

function stored(bucket: FakeBucket, made: FakeVersion): Answer {
  return { status: 200, headers: { etag: made.etag, ...versionHeader(bucket, made) } };
}

function versionHeader(
  { versioning }: FakeBucket,
  { versionId }: FakeVersion,
): Record<string, string> {
  return versioning === "off" ? {} : { "x-amz-version-id": versionId };
}

function keptHeaders(request: FakeRequest): Record<string, string> {
  const kept = Object.entries(request.headers).filter(
    ([name]) => name.startsWith("x-amz-meta-") || KEPT_HEADERS.some((k) => k === name),
  );
  const pairs = kept.map(([name, value]): [string, string] => [name, String(value)]);
  return Object.fromEntries(pairs.filter(([, value]) => value !== "aws-chunked"));
}

function parseTags(text: string): Record<string, string> {
  const tags = text.matchAll(/<Key>([^<]*)<\/Key>\s*<Value>([^<]*)<\/Value>/gu);
  return Object.fromEntries(
    Array.from(tags, ([, key = "", value = ""]) => [unescapeXml(key), unescapeXml(value)]),
  );
}

function header({ headers }: FakeRequest, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function unquote(etag: string): string {
  return etag.replaceAll('"', "");
}
