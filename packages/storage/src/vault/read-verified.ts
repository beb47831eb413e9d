import { createHash } from "node:crypto";
import { read } from "node:fs";
import { promisify } from "node:util";
import type { Provenance } from "@sluice/moderation";
import type { Descriptor } from "./descriptor.ts";
import { VaultDamagedError } from "./folder-errors.ts";

const readBlock = promisify(read);

const BLOCK_BYTES = 256 * 1024;

/**
 * The bytes of a file, block by block; the last block is given only when the hash of all of them is right, so that
 * whoever passes them on never completes anything else. Throws VaultDamagedError. Closes the file.
 */
export async function* readVerified(
  open: () => Descriptor,
  { id, sha256 }: Pick<Provenance, "id" | "sha256">,
): AsyncGenerator<Uint8Array> {
  using file = open();
  const hash = createHash("sha256");
  let held: Uint8Array | null = null;
  for (let at = 0; ;) {
    const block = Buffer.allocUnsafe(BLOCK_BYTES);
    const { bytesRead } = await readBlock(file.fd, block, 0, block.length, at);
    if (bytesRead === 0) break;
    if (held !== null) yield held;
    held = block.subarray(0, bytesRead);
    hash.update(held);
    at += bytesRead;
  }
  if (hash.digest("hex") !== sha256)
    throw new VaultDamagedError(id, "its bytes do not have their hash any more");
  if (held !== null) yield held;
}
