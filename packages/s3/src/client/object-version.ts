import { objectVersionSchema, type ObjectVersion } from "@sluice/contracts";

/** What a listing or a HEAD says about an object. */
export interface ObjectFacts {
  /** Null or `null`: the bucket keeps no versions (any more), and the object may be written over in place. */
  readonly versionId: string | null;
  /** With or without its quotation marks. */
  readonly etag: string;
  readonly sizeBytes: number;
  readonly lastModifiedMs: number;
}

/** A version taken apart: what can be asked of a server. */
export type VersionToken =
  | { readonly kind: "version"; readonly versionId: string }
  | {
      readonly kind: "etag";
      readonly etag: string;
      readonly sizeBytes: number;
      readonly lastModifiedS: number;
    };

/**
 * Version of an object: its version id where the bucket keeps versions (`v<id>`), else its size, time and ETag
 * (`e<size>-<seconds>-<etag>`). The time is part of it because an ETag is mostly an MD5, of which two pictures can be made to share
 * one; in whole seconds, because a HEAD knows no finer ones.
 */
export function versionOfObject(facts: ObjectFacts): ObjectVersion {
  const { versionId, etag, sizeBytes, lastModifiedMs } = facts;
  if (versionId !== null && versionId !== "null") return objectVersionSchema.parse(`v${versionId}`);
  const seconds = Math.floor(lastModifiedMs / 1000);
  return objectVersionSchema.parse(`e${sizeBytes}-${seconds}-${unquote(etag)}`);
}

/** Null for a version that is none of a bucket's. */
export function parseObjectVersion(version: ObjectVersion): VersionToken | null {
  if (version.startsWith("v")) return { kind: "version", versionId: version.slice(1) };
  const [, size, seconds, etag] = /^e(\d{1,16})-(-?\d{1,12})-(.+)$/su.exec(version) ?? [];
  if (etag === undefined) return null;
  return { kind: "etag", etag, sizeBytes: Number(size), lastModifiedS: Number(seconds) };
}

/** An ETag without quotation marks, so that all servers' ways of giving it are one. */
export function unquote(etag: string): string {
  return etag.replace(/^(?:W\/)?"(.*)"$/su, "$1");
}
