import { randomBytes } from "node:crypto";
import {
  objectPathSchema,
  uploadIdSchema,
  type ObjectPath,
  type UploadId,
} from "@sluice/contracts";

/** 160 random bits. */
export function newUploadId(): UploadId {
  return uploadIdSchema.parse(`u${randomBytes(20).toString("hex")}`);
}

/** Uploads lie in the spool under their ids. */
export function pathOfUpload(id: UploadId): ObjectPath {
  return objectPathSchema.parse(id);
}

/** Null for what lies there under another name. */
export function uploadAt(path: ObjectPath): UploadId | null {
  const id = uploadIdSchema.safeParse(path);
  return id.success ? id.data : null;
}
