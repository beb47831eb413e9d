import { constants, type BigIntStats } from "node:fs";
import { lstat, open, readdir, rename, rm, writeFile, type FileHandle } from "node:fs/promises";
import type { Sha256 } from "@sluice/contracts";
import type { KeepRequest, KeepResult, OnStep, Provenance, Vault } from "@sluice/moderation";
import { copyHashed } from "./copy-hashed.ts";
import { systemCode, VaultDamagedError } from "./folder-errors.ts";
import { KeyedLock } from "./keyed-lock.ts";
import { openPlace, type FolderRoots, type Place } from "./open-folder.ts";
import { isStillVersion, openVersion, renewVersion } from "./open-version.ts";
import { makePrivateFolder, syncFolder } from "./private-folder.ts";
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
export class FolderVault implements Vault {
  readonly #options: FolderVaultOptions;
  readonly #layout: VaultLayout;
  /** Per hash, so that dropping the last claim never meets a new claim half-way. */
  readonly #claims = new KeyedLock();

  constructor(options: FolderVaultOptions) {
    this.#options = options;
    this.#layout = { folder: options.folder };
  }

  async keep(request: KeepRequest): Promise<KeepResult> {
    await using place = await openPlace(this.#options.roots, request.root, request.path);
    if (place === null) return { kind: "gone" };
    const opened = await openVersion(place, request.version);
    if (opened.kind !== "open") return { kind: opened.kind };
    try {
      return await this.#copy(request, place, opened);
    } finally {
      await opened.handle.close();
    }
  }

  async confirm({ id, sha256, sizeBytes }: Provenance): Promise<void> {
    const blob = await sizeOf(blobPath(this.#layout, sha256));
    if (blob !== sizeBytes)
      throw new VaultDamagedError(id, `its ${sizeBytes} bytes ${sha256} are not there`);
    if ((await sizeOf(sidecarPath(this.#layout, sha256, id))) === null)
      throw new VaultDamagedError(id, "its sidecar is not there");
  }

  async discard({ id, sha256 }: Provenance): Promise<void> {
    await this.#claims.run(sha256, async () => {
      await rm(sidecarPath(this.#layout, sha256, id), { force: true });
      const names = await readdir(blobFolder(this.#layout, sha256));
      if (!names.some((name) => name.startsWith(`${sha256}.`)))
        await rm(blobPath(this.#layout, sha256), { force: true });
      await syncFolder(blobFolder(this.#layout, sha256));
    });
  }

  /** Opens a record's bytes for reading. Throws VaultDamagedError when they are not there. */
  async open({ id, sha256 }: Pick<Provenance, "id" | "sha256">): Promise<FileHandle> {
    try {
      const flags = constants.O_RDONLY | constants.O_NOFOLLOW;
      return await open(blobPath(this.#layout, sha256), flags);
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw error;
      throw new VaultDamagedError(id, `its bytes ${sha256} are not there`);
    }
  }

  async #copy(
    request: KeepRequest,
    place: Place,
    { handle, stat }: { readonly handle: FileHandle; readonly stat: BigIntStats },
  ): Promise<KeepResult> {
    await makePrivateFolder(partsFolder(this.#layout));
    const part = partPath(this.#layout, request.id);
    const copy = await copyHashed(handle, part);
    try {
      this.#options.onStep("vault.part-opened");
      const isSameVersion = await isStillVersion(handle, place, request.version);
      const isSameContent = request.sha256 === null || request.sha256 === copy.sha256;
      if (isSameVersion && !isSameContent) await renewVersion(handle, stat);
      if (!isSameVersion || !isSameContent) {
        await rm(part, { force: true });
        return { kind: "changed" };
      }
      await copy.handle.sync();
      this.#options.onStep("vault.part-synced");
    } finally {
      await copy.handle.close();
    }
    const provenance = provenanceOf(request, stat, copy);
    await this.#claims.run(copy.sha256, () => this.#name(part, provenance));
    return { kind: "kept", provenance };
  }

  async #name(part: string, provenance: Provenance): Promise<void> {
    const { sha256, id } = provenance;
    const folder = blobFolder(this.#layout, sha256);
    await makePrivateFolder(folder);
    await writeDurably(sidecarPath(this.#layout, sha256, id), `${part}.json`, provenance);
    this.#options.onStep("vault.sidecar-written");
    // Also over bytes that are there already: they have the same hash, and these were just verified.
    await rename(part, blobPath(this.#layout, sha256));
    this.#options.onStep("vault.blob-named");
    await syncFolder(folder);
  }
}

function provenanceOf(
  { id, decisionId, root, path, version, atMs }: KeepRequest,
  { mode, uid, gid, mtimeNs }: BigIntStats,
  { sha256, sizeBytes }: { readonly sha256: Sha256; readonly sizeBytes: number },
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

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await lstat(path)).size;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
}
