import { createHash } from "node:crypto";
import {
  objectVersionSchema,
  sha256Schema,
  type ObjectPath,
  type RootName,
} from "@sluice/contracts";
import {
  decisionIdSchema,
  vaultIdSchema,
  type OpenedObject,
  type Provenance,
  type VaultBytes,
} from "@sluice/moderation";

/** Stands for the vault: what was kept is given back. */
export class MemoryVault implements VaultBytes {
  readonly #kept = new Map<string, Buffer>();
  /** Breaks what is given back in its middle. */
  isDamaged = false;

  async keep(
    object: OpenedObject,
    { root, path }: { readonly root: RootName; readonly path: ObjectPath },
  ): Promise<Provenance> {
    const parts: Buffer[] = [];
    for await (const part of object.bytes) parts.push(Buffer.from(part));
    const bytes = Buffer.concat(parts);
    const sha256 = sha256Schema.parse(createHash("sha256").update(bytes).digest("hex"));
    this.#kept.set(sha256, bytes);
    return {
      v: 1,
      id: vaultIdSchema.parse(`q${"1".repeat(24)}`),
      decisionId: decisionIdSchema.parse(`d${"1".repeat(24)}`),
      root,
      path,
      version: objectVersionSchema.parse("v1"),
      sha256,
      sizeBytes: bytes.length,
      mode: 0o644,
      uid: 0,
      gid: 0,
      mtimeNs: "0",
      keptAtMs: 0,
      attributes: object.attributes,
    };
  }

  async *read({ sha256 }: Provenance): AsyncGenerator<Uint8Array> {
    const bytes = this.#kept.get(sha256) ?? Buffer.alloc(0);
    yield await Promise.resolve(bytes.subarray(0, bytes.length >> 1));
    if (this.isDamaged) throw new Error("damaged");
    yield bytes.subarray(bytes.length >> 1);
  }
}
