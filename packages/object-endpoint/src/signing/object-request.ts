import { objectRefSchema, rootNameSchema, type ObjectRef, type RootName } from "@sluice/contracts";
import { z } from "zod";
import { isSameSignature, signParts, type ObjectKey } from "./object-key.ts";

/** A request for one version of one object, until a time. */
export interface ObjectRequest {
  readonly root: RootName;
  readonly object: ObjectRef;
  /** Unix time in milliseconds. */
  readonly expiresAtMs: number;
}

export type ReadRequest =
  | ({ readonly kind: "granted" } & ObjectRequest)
  | { readonly kind: "refused"; readonly reason: "malformed" | "signature" | "expired" };

/** Path of all requests; a change of their form gives another one. */
export const OBJECT_PATH = "/v1/object";

const requestSchema = z.object({
  root: rootNameSchema,
  path: objectRefSchema.shape.path,
  version: objectRefSchema.shape.version,
  size: z.coerce.number().pipe(objectRefSchema.shape.sizeBytes),
  expires: z.coerce.number().int().positive(),
  signature: z.string().regex(/^[0-9a-f]{64}$/u),
});

/** The target of a GET: path and query, signed. */
export function signRequest(request: ObjectRequest, key: ObjectKey): string {
  const { root, object, expiresAtMs } = request;
  const query = new URLSearchParams({
    root,
    path: object.path,
    version: object.version,
    size: String(object.sizeBytes),
    expires: String(expiresAtMs),
    signature: signatureOf(request, key),
  });
  return `${OBJECT_PATH}?${query.toString()}`;
}

/**
 * Reads a target and proves it. Nothing about the object is looked at before the signature is right.
 *
 * @param target path and query as they came
 * @param maxLifeMs a request that would hold for longer is refused: it was not made by us
 */
export function readRequest(
  target: string,
  { key, nowMs, maxLifeMs }: { key: ObjectKey; nowMs: number; maxLifeMs: number },
): ReadRequest {
  const [path, query = ""] = target.split("?", 2);
  if (path !== OBJECT_PATH) return { kind: "refused", reason: "malformed" };
  const parsed = requestSchema.safeParse(Object.fromEntries(new URLSearchParams(query)));
  if (!parsed.success) return { kind: "refused", reason: "malformed" };
  const { root, version, size, expires, signature } = parsed.data;
  const object = { path: parsed.data.path, version, sizeBytes: size };
  const request = { root, object, expiresAtMs: expires };
  if (!isSameSignature(signature, signatureOf(request, key))) {
    return { kind: "refused", reason: "signature" };
  }
  const isInTime = nowMs <= expires && expires <= nowMs + maxLifeMs;
  return isInTime ? { kind: "granted", ...request } : { kind: "refused", reason: "expired" };
}

function signatureOf({ root, object, expiresAtMs }: ObjectRequest, key: ObjectKey): string {
  const { path, version, sizeBytes } = object;
  const numbers = [String(sizeBytes), String(expiresAtMs)];
  return signParts(key, ["sluice-object-1", root, path, version, ...numbers]);
}
