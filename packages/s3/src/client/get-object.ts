import { Readable } from "node:stream";
import {
  GetObjectCommand,
  type GetObjectCommandInput,
  type GetObjectCommandOutput,
} from "@aws-sdk/client-s3";
import type { ObjectVersion } from "@sluice/contracts";
import { assertBucketThere, toHead, type ObjectHead } from "./head-object.ts";
import { parseObjectVersion } from "./object-version.ts";
import type { Bucket } from "./open-bucket.ts";
import type { S3Request } from "./s3-errors.ts";
import { objectAnswer, translateS3Error } from "./translate-error.ts";

/** An object in the version that was asked for; whoever does not read its body to the end destroys it. */
export interface OpenObject {
  readonly kind: "open";
  readonly head: ObjectHead;
  readonly headers: GetObjectCommandOutput;
  readonly body: Readable;
}

export type GetResult = OpenObject | { readonly kind: "changed" | "missing" };

/**
 * Opens exactly one version for reading: by its id, or under the condition that its ETag still holds; its size and time must be
 * right as well. So the bytes that come are those of the version. Throws S3Error.
 */
export async function getObject(
  bucket: Bucket,
  key: string,
  version: ObjectVersion,
): Promise<GetResult> {
  const { client, place, customerKey } = bucket;
  const condition = conditionOf(version);
  if (condition === null) return { kind: "changed" };
  const request = { action: "GetObject", bucket: place.Bucket, key };
  let headers: GetObjectCommandOutput;
  try {
    headers = await client.send(
      new GetObjectCommand({ ...place, ...customerKey, ...condition, Key: key }),
    );
  } catch (error) {
    const answer = objectAnswer(error);
    if (answer === "missing") {
      if (!isToldByS3(error)) await assertBucketThere(bucket);
      return { kind: "missing" };
    }
    if (answer === "precondition-failed") return { kind: "changed" };
    throw translateS3Error(error, request);
  }
  return accept(headers, { version, request });
}

/** Anybody on the way can answer 404; these are words of S3. */
function isToldByS3(error: unknown): boolean {
  return (
    error instanceof Error && /^(?:NoSuchKey|NoSuchVersion|MethodNotAllowed)$/u.test(error.name)
  );
}

/** Null: no object of a bucket has such a version. */
function conditionOf(
  version: ObjectVersion,
): Pick<GetObjectCommandInput, "VersionId" | "IfMatch"> | null {
  const token = parseObjectVersion(version);
  if (token === null) return null;
  return token.kind === "version" ? { VersionId: token.versionId } : { IfMatch: `"${token.etag}"` };
}

function accept(
  headers: GetObjectCommandOutput,
  { version, request }: { readonly version: ObjectVersion; readonly request: S3Request },
): GetResult {
  const body = headers.Body;
  if (!(body instanceof Readable)) throw new Error("expected the body to be a stream of Node");
  let isWanted = false;
  try {
    const head = toHead(headers, request);
    isWanted = head.version === version;
    return isWanted ? { kind: "open", head, headers, body } : { kind: "changed" };
  } finally {
    if (!isWanted) body.destroy();
  }
}
