import { constants, lstatSync } from "node:fs";
import { readdir, rename, rm, writeFile } from "node:fs/promises";
import type {
  KeepRequest,
  KeepResult,
  OnStep,
  OpenedObject,
  Provenance,
  StoredObjects,
  Vault,
  VaultBytes,
} from "@sluice/moderation";
import { HashingCopier, type HashedCopy } from "./copy-hashed.ts";
import { Descriptor } from "./descriptor.ts";
import { systemCode, VaultDamagedError } from "./folder-errors.ts";
import { FolderSync } from "./folder-sync.ts";
import { KeyedLock } from "./keyed-lock.ts";
import { openPlace, type FolderRoots, type Place } from "./open-folder.ts";
import { isStillVersion, openVersion, renewVersion, type OpenVersion } from "./open-version.ts";
import { openPrivateFolder } from "./private-folder.ts";
import { readVerified } from "./read-verified.ts";
import {
  blobFolder,
  blobPath,
  partPath,
  partsFolder,
  sidecarPath,
  type VaultLayout,
} from "./vault-layout.ts";

export interface FolderVaultOptions {
  /** The vault's own folder; made when it is not there. Should lie outside of every root. */
  readonly folder: string;
  readonly roots: FolderRoots;
  /** Roots that are no folders; left out: there are none. */
  readonly stored?: StoredObjects;
  readonly onStep: OnStep;
}

/**
 * Keeps bytes by their hash, as `vault-layout.ts` says. Taking a copy:
 *
 *     part opened ── copied, hashed, verified, synced ──▶ sidecar written ──▶ part renamed to its hash ──▶ kept
 *
 * Everything before `kept` may be repeated: the part is begun anew, and sidecar and bytes are written over with the
 * same content. Two records with the same bytes share them.
 */
export class FolderVault implements Vault, VaultBytes {
  readonly #options: FolderVaultOptions;
  readonly #layout: VaultLayout;
  /** Per hash, so that dropping the last claim never meets a new claim half-way. */
  readonly #claims = new KeyedLock();
  readonly #copier = new HashingCopier();
  readonly #folders = new FolderSync();

  constructor(options: FolderVaultOptions) {
    this.#options = options;
    this.#layout = { folder: options.folder };
  }

  async keep(request: KeepRequest): Promise<KeepResult> {
    const { stored } = this.#options;
    if (stored?.roots.has(request.root) === true) {
      const found = await stored.open(request);
      return found.kind === "open" ? await this.#copyObject(request, found) : found;
    }
    using place = openPlace(this.#options.roots, request.root, request.path);
    if (place === null) return { kind: "gone" };
    using opened = openVersion(place, request.version);
    if (opened.kind !== "open") return { kind: opened.kind };
    return await this.#copy(request, place, opened); // awaited, or everything were closed under it
  }

  async confirm({ id, sha256, sizeBytes }: Provenance): Promise<void> {
    const blob = sizeOf(blobPath(this.#layout, sha256));
    if (blob !== sizeBytes)
      throw new VaultDamagedError(id, `its ${sizeBytes} bytes ${sha256} are not there`);
    if (sizeOf(sidecarPath(this.#layout, sha256, id)) === null)
      throw new VaultDamagedError(id, "its sidecar is not there");
  }

  async discard({ id, sha256 }: Provenance): Promise<void> {
    await this.#claims.run(sha256, async () => {
      await rm(sidecarPath(this.#layout, sha256, id), { force: true });
      const names = await readdir(blobFolder(this.#layout, sha256));
      if (!names.some((name) => name.startsWith(`${sha256}.`)))
        await rm(blobPath(this.#layout, sha256), { force: true });
      using folder = await openPrivateFolder(blobFolder(this.#layout, sha256));
      await this.#folders.sync(folder);
    });
  }

  /** Opens a record's bytes for reading. Throws VaultDamagedError when they are not there. */
  open({ id, sha256 }: Pick<Provenance, "id" | "sha256">): Descriptor {
    try {
      const flags = constants.O_RDONLY | constants.O_NOFOLLOW;
      return Descriptor.open(blobPath(this.#layout, sha256), flags);
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw error;
      throw new VaultDamagedError(id, `its bytes ${sha256} are not there`);
    }
  }

  read(provenance: Provenance): AsyncIterable<Uint8Array> {
    return readVerified(() => this.open(provenance), provenance);
  }

  async #copyObject(request: KeepRequest, object: OpenedObject): Promise<KeepResult> {
    using parts = await openPrivateFolder(partsFolder(this.#layout));
    using copy = await this.#copier.copyStream(object.bytes, { folder: parts, name: request.id });
    this.#options.onStep("vault.part-opened");
    if (request.sha256 !== null && request.sha256 !== copy.sha256) {
      await rm(parts.entry(request.id), { force: true });
      return { kind: "changed" };
    }
    const { attributes, lastModifiedMs } = object;
    const mtimeNs = BigInt(Math.round(lastModifiedMs)) * 1_000_000n;
    const provenance = { ...provenanceOf(request, { ...NO_OWNER, mtimeNs }, copy), attributes };
    return await this.#finish(provenance, copy);
  }

  async #copy(request: KeepRequest, place: Place, original: OpenVersion): Promise<KeepResult> {
    const { file, stat } = original;
    using parts = await openPrivateFolder(partsFolder(this.#layout));
    using copy = await this.#copier.copy(file, { folder: parts, name: request.id });
    this.#options.onStep("vault.part-opened");
    const isSameVersion = isStillVersion(file, place, request.version);
    const isSameContent = request.sha256 === null || request.sha256 === copy.sha256;
    if (!isSameVersion || !isSameContent) {
      if (isSameVersion) renewVersion(file, stat);
      await rm(parts.entry(request.id), { force: true });
      return { kind: "changed" };
    }
    return await this.#finish(provenanceOf(request, stat, copy), copy);
  }

  async #finish(provenance: Provenance, copy: HashedCopy): Promise<KeepResult> {
    await copy.file.sync();
    this.#options.onStep("vault.part-synced");
    await this.#claims.run(copy.sha256, () => this.#name(provenance));
    return { kind: "kept", provenance };
  }

  async #name(provenance: Provenance): Promise<void> {
    const { sha256, id } = provenance;
    const part = partPath(this.#layout, id);
    using folder = await openPrivateFolder(blobFolder(this.#layout, sha256));
    await writeDurably(sidecarPath(this.#layout, sha256, id), `${part}.json`, provenance);
    this.#options.onStep("vault.sidecar-written");
    // Also over bytes that are there already: they have the same hash, and these were just verified.
    await rename(part, blobPath(this.#layout, sha256));
    this.#options.onStep("vault.blob-named");
    await this.#folders.sync(folder);
  }
}

/** Buckets know no owner and no mode; should such an object be restored to a folder, it is a file of ours that all may read. */
const NO_OWNER = {
  mode: 0o644n,
  uid: BigInt(process.geteuid?.() ?? 0),
  gid: BigInt(process.getegid?.() ?? 0),
};

function provenanceOf(
  { id, decisionId, root, path, version, atMs }: KeepRequest,
  { mode, uid, gid, mtimeNs }: Pick<OpenVersion["stat"], "mode" | "uid" | "gid" | "mtimeNs">,
  { sha256, sizeBytes }: HashedCopy,
): Provenance {
  return {
    v: 1,
    id,
    decisionId,
    root,
    path,
    version,
    sha256,
    sizeBytes,
    mode: Number(mode) & 0o7777,
    uid: Number(uid),
    gid: Number(gid),
    mtimeNs: mtimeNs.toString(),
    keptAtMs: atMs,
  };
}

/** Writes a JSON file so that it is either complete and durable under its name, or not there. */
async function writeDurably(path: string, part: string, value: unknown): Promise<void> {
  const text = `${JSON.stringify(value, null, 2)}\n`;
  await writeFile(part, text, { mode: 0o600, flush: true });
  await rename(part, path);
}

function sizeOf(path: string): number | null {
  return lstatSync(path, { throwIfNoEntry: false })?.size ?? null;
}
