import { z } from "zod";
import { objectPathSchema } from "./object-path.ts";

/**
 * Version of an object. Folder: `<inode>-<size>-<mtimeNs>-<ctimeNs>` in decimal; S3: version id or ETag.
 * Compared for equality only.
 */
export const objectVersionSchema = z.string().min(1).max(1024).brand<"ObjectVersion">();
export type ObjectVersion = z.infer<typeof objectVersionSchema>;

/** One stored file of a known root. `sizeBytes` is what the listing said, an estimate for budgets. */
export const objectRefSchema = z.object({
  path: objectPathSchema,
  version: objectVersionSchema,
  sizeBytes: z.number().int().nonnegative(),
});
export type ObjectRef = z.infer<typeof objectRefSchema>;
