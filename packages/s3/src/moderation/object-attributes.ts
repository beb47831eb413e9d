import {
  StorageClass,
  type GetObjectCommandOutput,
  type PutObjectCommandInput,
} from "@aws-sdk/client-s3";
import { objectAttributesSchema, type ObjectAttributes } from "@sluice/moderation";
import type { OpenObject } from "../client/get-object.ts";
import type { Bucket } from "../client/open-bucket.ts";
import { readTags, tagsAsText } from "./object-tags.ts";

/** What the bucket keeps with an object that was opened. Throws S3Error. */
export async function readAttributes(
  bucket: Bucket,
  key: string,
  { head, headers }: OpenObject,
): Promise<ObjectAttributes> {
  const tags = await readTags(bucket, { key, versionId: head.versionId });
  return objectAttributesSchema.parse({ ...headerAttributes(headers), tags });
}

function headerAttributes(headers: GetObjectCommandOutput) {
  return {
    contentType: headers.ContentType,
    cacheControl: headers.CacheControl,
    contentDisposition: headers.ContentDisposition,
    contentEncoding: headers.ContentEncoding,
    contentLanguage: headers.ContentLanguage,
    expires: headers.ExpiresString,
    websiteRedirect: headers.WebsiteRedirectLocation,
    storageClass: headers.StorageClass,
    metadata: headers.Metadata ?? {},
  };
}

/** The fields of an upload that give it these attributes. */
export function putFields(attributes: ObjectAttributes): Partial<PutObjectCommandInput> {
  const { metadata, tags, expires, storageClass } = attributes;
  const known = Object.values(StorageClass).find((name) => name === storageClass);
  const expiresAt = expires === undefined ? Number.NaN : Date.parse(expires);
  const fields = {
    ContentType: attributes.contentType,
    CacheControl: attributes.cacheControl,
    ContentDisposition: attributes.contentDisposition,
    ContentEncoding: attributes.contentEncoding,
    ContentLanguage: attributes.contentLanguage,
    WebsiteRedirectLocation: attributes.websiteRedirect,
    Expires: Number.isNaN(expiresAt) ? undefined : new Date(expiresAt),
    StorageClass: known,
    Metadata: metadata,
    Tagging: Object.keys(tags).length === 0 ? undefined : tagsAsText(tags),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
