import type { Readable } from "node:stream";
import { S3BodyIncompleteError, type S3Request } from "../client/s3-errors.ts";

/**
 * All bytes of an answer, exactly as many as it promised; more are never held. Throws S3BodyIncompleteError when it breaks off, goes
 * on, or fails its checksum.
 */
export async function readBody(
  body: Readable,
  { sizeBytes, request }: { readonly sizeBytes: number; readonly request: S3Request },
): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(sizeBytes);
  let done = 0;
  try {
    for await (const part of body) {
      const chunk = Buffer.from(part);
      if (done + chunk.length <= sizeBytes) chunk.copy(bytes, done);
      done += chunk.length;
      if (done > sizeBytes) break;
    }
  } catch (error) {
    throw new S3BodyIncompleteError(request, { got: done, expected: sizeBytes, cause: error });
  }
  if (done === sizeBytes) return bytes;
  throw new S3BodyIncompleteError(request, { got: done, expected: sizeBytes });
}
