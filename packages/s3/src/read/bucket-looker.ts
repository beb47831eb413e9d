import type { ObjectPath } from "@sluice/contracts";
import type { Looked, ObjectLooker } from "@sluice/sources";
import { headObject } from "../client/head-object.ts";
import type { Bucket } from "../client/open-bucket.ts";

/** HEADs under way together. */
const CONCURRENCY = 16;

/** Looks what lies in a bucket under paths that somebody else named: one HEAD each, which is the present state, whatever was said. */
export function createBucketLooker(bucket: Bucket): ObjectLooker {
  return {
    async look(paths) {
      const found: Looked[] = [];
      for (let start = 0; start < paths.length; start += CONCURRENCY) {
        const some = paths.slice(start, start + CONCURRENCY);
        found.push(...(await Promise.all(some.map(async (path) => await lookAt(bucket, path)))));
      }
      return found;
    },
  };
}

async function lookAt(bucket: Bucket, path: ObjectPath): Promise<Looked> {
  const key = bucket.keyOf(path);
  if (key === null) return { kind: "missing" }; // no object can have this name
  try {
    const head = await headObject(bucket, key);
    if (head === null) return { kind: "missing" };
    const { version, sizeBytes, lastModifiedMs } = head;
    return {
      kind: "object",
      sighting: { object: { path, version, sizeBytes }, changedAtMs: lastModifiedMs },
    };
  } catch (error) {
    if (!(error instanceof Error && "retryable" in error && "code" in error)) throw error;
    // Whatever the server will not say now, nothing is known about the object.
    return { kind: "unavailable", code: String(error.code) };
  }
}
