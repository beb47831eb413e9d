import {
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ListObjectsV2CommandOutput,
  type ListObjectVersionsCommandOutput,
} from "@aws-sdk/client-s3";
import type { Bucket } from "../../client/open-bucket.ts";
import { decodeForm } from "../events/key-spellings.ts";
import {
  spanOf,
  type FolderPage,
  type ListedObject,
  type ListedPage,
  type PageRequest,
  type PageSource,
  type PageToken,
} from "./listed-page.ts";
import { compareKeys } from "./key-order.ts";

/** Control characters cannot stand in XML, so keys are asked for in the encoding of addresses. */
const ENCODED = { EncodingType: "url" } as const;

/** The present objects of a bucket. */
export function pagesOfObjects(bucket: Bucket): PageSource {
  return {
    folders: async (request) => await listFolders(bucket, request),
    async list({ prefix, after, next, signal }) {
      const command = new ListObjectsV2Command({
        ...bucket.place,
        ...ENCODED,
        Prefix: prefix,
        StartAfter: after ?? undefined,
        ContinuationToken: next?.continuation,
      });
      return readObjects(await ask(bucket, signal, (client, o) => client.send(command, o)));
    },
  };
}

/** The same with their version ids, from a listing of all versions. */
export function pagesOfVersions(bucket: Bucket): PageSource {
  return {
    folders: async (request) => await listFolders(bucket, request),
    async list({ prefix, after, next, signal }) {
      const command = new ListObjectVersionsCommand({
        ...bucket.place,
        ...ENCODED,
        Prefix: prefix,
        KeyMarker: next?.keyMarker ?? after ?? undefined,
        VersionIdMarker: next?.versionIdMarker,
      });
      return readVersions(await ask(bucket, signal, (client, o) => client.send(command, o)));
    },
  };
}

async function listFolders(
  bucket: Bucket,
  { prefix, signal }: Pick<PageRequest, "prefix" | "signal">,
): Promise<FolderPage> {
  const command = new ListObjectsV2Command({
    ...bucket.place,
    ...ENCODED,
    Prefix: prefix,
    Delimiter: "/",
  });
  const answer = await ask(bucket, signal, (client, o) => client.send(command, o));
  const decode = decoderOf(answer);
  const found = (answer.CommonPrefixes ?? []).map(({ Prefix }) => decode(Prefix ?? ""));
  return {
    folders: found.filter((folder) => folder !== null).sort(compareKeys),
    isComplete: answer.IsTruncated !== true && (answer.Contents ?? []).length === 0,
  };
}

async function ask<T>(
  bucket: Bucket,
  abortSignal: AbortSignal,
  send: (client: Bucket["client"], options: { abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  return await bucket.ask({ action: "ListBucket" }, send(bucket.client, { abortSignal }));
}

function readObjects(answer: ListObjectsV2CommandOutput): ListedPage {
  const decode = decoderOf(answer);
  const objects = [];
  let unreadable = 0;
  for (const entry of answer.Contents ?? []) {
    const key = decode(entry.Key ?? "");
    if (key === null) unreadable += 1;
    else objects.push(toObject(key, entry));
  }
  const { IsTruncated, NextContinuationToken: continuation } = answer;
  const next = IsTruncated === true && continuation !== undefined ? { continuation } : null;
  return { objects, unreadable, ...spanOf(objects.map(({ key }) => key)), next };
}

/** Older versions and delete markers count for where the page ends, not as objects. */
function readVersions(answer: ListObjectVersionsCommandOutput): ListedPage {
  const decode = decoderOf(answer);
  const objects = [];
  const keys = [];
  let unreadable = 0;
  for (const entry of answer.Versions ?? []) {
    const key = decode(entry.Key ?? "");
    if (key === null) {
      unreadable += 1;
      continue;
    }
    keys.push(key);
    if (entry.IsLatest === true) objects.push(toObject(key, entry));
  }
  const markers = (answer.DeleteMarkers ?? []).map(({ Key }) => decode(Key ?? ""));
  const [ofVersions, ofMarkers] = [spanOf(keys), spanOf(markers.filter((key) => key !== null))];
  return {
    objects,
    unreadable,
    isOrdered: ofVersions.isOrdered && ofMarkers.isOrdered,
    span: joinSpans(ofVersions.span, ofMarkers.span),
    next: nextVersions(answer, decode),
  };
}

function nextVersions(
  { IsTruncated, NextKeyMarker, NextVersionIdMarker }: ListObjectVersionsCommandOutput,
  decode: (text: string) => string | null,
): PageToken | null {
  if (IsTruncated !== true || NextKeyMarker === undefined) return null;
  const keyMarker = decode(NextKeyMarker) ?? NextKeyMarker;
  if (NextVersionIdMarker === undefined || NextVersionIdMarker === "") return { keyMarker };
  return { keyMarker, versionIdMarker: NextVersionIdMarker };
}

function joinSpans(a: ListedPage["span"], b: ListedPage["span"]): ListedPage["span"] {
  if (a === null || b === null) return a ?? b;
  return {
    first: compareKeys(a.first, b.first) <= 0 ? a.first : b.first,
    last: compareKeys(a.last, b.last) >= 0 ? a.last : b.last,
  };
}

interface Entry {
  readonly VersionId?: string | undefined;
  readonly ETag?: string | undefined;
  readonly Size?: number | undefined;
  readonly LastModified?: Date | undefined;
}

function toObject(key: string, { VersionId, ETag, Size, LastModified }: Entry): ListedObject {
  return {
    key,
    versionId: VersionId ?? null,
    etag: ETag ?? "",
    sizeBytes: Size ?? 0,
    lastModifiedMs: LastModified?.getTime() ?? 0,
  };
}

/** A server that does not know the encoding answers keys as they are, and does not say that it encoded them. */
function decoderOf({
  EncodingType,
}: {
  readonly EncodingType?: string | undefined;
}): (text: string) => string | null {
  if (EncodingType !== "url") return (text) => text;
  return (text) => (/[%+]/u.test(text) ? decodeForm(text) : text);
}
