import { z } from "zod";

const text = z.string().max(2048).optional();

/**
 * What a bucket keeps with an object beside its bytes. Headers as the object was stored with them; `metadata` are its user's own,
 * without the prefix that they travel under.
 */
export const objectAttributesSchema = z.object({
  contentType: text,
  cacheControl: text,
  contentDisposition: text,
  contentEncoding: text,
  contentLanguage: text,
  expires: text,
  websiteRedirect: text,
  storageClass: text,
  metadata: z.record(z.string(), z.string()),
  tags: z.record(z.string(), z.string()),
});
export type ObjectAttributes = z.infer<typeof objectAttributesSchema>;
