import type { Sha256 } from "@sluice/contracts";
import { createHash } from "node:crypto";
import type { OpenObject } from "../client/get-object.ts";
import { S3BodyIncompleteError } from "../client/s3-errors.ts";

/** An object's bytes as they come. Throws S3BodyIncompleteError where they are not as many as were promised. */
export async function* wholeBody(
  { body, head }: OpenObject,
  about: { readonly bucket: string; readonly key: string },
): AsyncGenerator<Uint8Array> {
  const expected = head.sizeBytes;
  const request = { ...about, action: "GetObject" };
  let got = 0;
  try {
    for await (const part of body) {
      const bytes = Buffer.from(part);
      got += bytes.length;
      yield bytes;
    }
  } catch (error) {
    throw new S3BodyIncompleteError(request, { got, expected, cause: error });
  } finally {
    body.destroy();
  }
  if (got !== expected) throw new S3BodyIncompleteError(request, { got, expected });
}

/** The bytes are not those that were judged. */
export class ContentDiffers extends Error {
  override readonly name = "ContentDiffers";
}

/**
 * The same bytes; the last of them come only when the hash of all is right, so that an upload of anything else is never completed.
 * Throws ContentDiffers.
 */
export async function* onlyContent(
  bytes: AsyncIterable<Uint8Array>,
  sha256: Sha256 | null,
): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  let held: Uint8Array | null = null;
  for await (const part of bytes) {
    if (held !== null) yield held;
    held = part;
    hash.update(part);
  }
  if (sha256 !== null && hash.digest("hex") !== sha256) throw new ContentDiffers();
  if (held !== null) yield held;
}
