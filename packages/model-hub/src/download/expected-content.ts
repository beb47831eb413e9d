import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";

/** What was published about a file's bytes; `hex` in lower case. */
export type ExpectedContent =
  | { readonly kind: "sha256"; readonly hex: string }
  /** torchvision's file names carry the first eight digits. */
  | { readonly kind: "sha256-prefix"; readonly hex: string }
  /** Git's id of small files on a hub: SHA-1 over "blob <length>\0" and the bytes. */
  | { readonly kind: "git-blob"; readonly hex: string };

/** The file's hash when it is not the expected one, null when it is. */
export async function findMismatch(
  path: string,
  expected: ExpectedContent,
  signal: AbortSignal,
): Promise<string | null> {
  const hash = createHash(expected.kind === "git-blob" ? "sha1" : "sha256");
  if (expected.kind === "git-blob") hash.update(`blob ${(await stat(path)).size}\0`);
  await pipeline(createReadStream(path, { highWaterMark: 1024 ** 2 }), hash, { signal });
  const actual = hash.digest("hex");
  return actual.startsWith(expected.hex) ? null : actual;
}

export function nameOf(expected: ExpectedContent): string {
  return expected.kind === "git-blob" ? "git id" : "SHA-256";
}
