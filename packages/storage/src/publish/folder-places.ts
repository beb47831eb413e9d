import { constants, fchmodSync, fchownSync } from "node:fs";
import { link, rm } from "node:fs/promises";
import type { Sha256 } from "@sluice/contracts";
import type {
  Conflict,
  OnStep,
  Places,
  PlaceResult,
  Provenance,
  PublishRequest,
  RestoreRequest,
} from "@sluice/moderation";
import { versionOfFile } from "../read/file-version.ts";
import { hashFile, HashingCopier, type HashedCopy } from "../vault/copy-hashed.ts";
import { Descriptor } from "../vault/descriptor.ts";
import { systemCode, VaultDamagedError } from "../vault/folder-errors.ts";
import { FolderSync } from "../vault/folder-sync.ts";
import type { FolderVault } from "../vault/folder-vault.ts";
import { openPlace, type FolderRoots, type Place } from "../vault/open-folder.ts";
import {
  isStillVersion,
  openVersion,
  renewVersion,
  type OpenVersion,
} from "../vault/open-version.ts";
import { setMtime, setMtimeExactly } from "./exact-mtime.ts";
import { openPlaceForWriting, type WritablePlace } from "./place-for-writing.ts";

export interface FolderPlacesOptions {
  readonly roots: FolderRoots;
  readonly vault: FolderVault;
  readonly onStep: OnStep;
}

/**
 * Makes files appear in folders:
 *
 *     staged (private) ── hash, version, mode, mtime right, synced ──▶ linked under the final name ──▶ placed ──▶ tidied
 *
 * The staged name stays until `tidy`, so that an attempt after a crash sees by the inode that the final name is its own
 * work. Linking never overwrites, and what has the final name is complete.
 */
export class FolderPlaces implements Places {
  readonly #options: FolderPlacesOptions;
  readonly #copier = new HashingCopier();
  readonly #folders = new FolderSync();

  constructor(options: FolderPlacesOptions) {
    this.#options = options;
  }

  async publish(request: PublishRequest): Promise<PlaceResult> {
    const { roots } = this.#options;
    using to = await openPlaceForWriting(roots, request.to, request.path);
    if (isOwnWork(to, request.token)) return await this.#placed(to);
    using from = openPlace(roots, request.root, request.path);
    if (from === null) return { kind: "gone" };
    using opened = openVersion(from, request.version);
    if (opened.kind !== "open") return { kind: opened.kind };
    return await this.#publishOpened(request, { from, to, opened });
  }

  async restore(request: RestoreRequest): Promise<{ readonly kind: "placed" } | Conflict> {
    const { provenance, token } = request;
    const target = request.to;
    using to = await openPlaceForWriting(this.#options.roots, target.root, target.path);
    if (isOwnWork(to, token)) return await this.#placed(to);
    using blob = this.#options.vault.open(provenance);
    await this.#stage({ original: blob, to, token }, async ({ file, sha256 }) => {
      if (sha256 !== provenance.sha256)
        throw new VaultDamagedError(provenance.id, "its bytes do not have their hash any more");
      giveAttributes(file, provenance);
      await setMtimeExactly(file, provenance.mtimeNs);
      return true;
    });
    const conflict = await this.#link(to, token);
    return conflict ?? { kind: "placed" };
  }

  async tidy(to: RestoreRequest["to"], token: string): Promise<void> {
    using place = await openPlaceForWriting(this.#options.roots, to.root, to.path);
    await rm(place.staging.entry(token), { force: true });
    this.#options.onStep("place.tidied");
  }

  async #publishOpened(
    request: PublishRequest,
    { from, to, opened }: { from: Place; to: WritablePlace; opened: OpenVersion },
  ): Promise<PlaceResult> {
    const { token, version } = request;
    const { file: original, stat } = opened;
    let content: Sha256 | null = null;
    const isStaged = await this.#stage({ original, to, token }, async ({ file, sha256 }) => {
      content = sha256;
      if (!isStillVersion(original, from, version)) return false;
      if (request.sha256 !== null && request.sha256 !== sha256) {
        renewVersion(original, stat);
        return false;
      }
      giveAttributes(file, attributesOf(stat));
      setMtime(file, stat.mtimeNs.toString());
      return true;
    });
    if (!isStaged) return { kind: "changed" };
    const conflict = await this.#link(to, token);
    if (conflict === null || (await hasContent(to, content))) return { kind: "placed" };
    return conflict;
  }

  /** Completes a copy in the staging folder; `accept` gives it its attributes and may refuse it, which removes it. */
  async #stage(
    { original, to, token }: { original: Descriptor; to: WritablePlace; token: string },
    accept: (copy: HashedCopy) => Promise<boolean>,
  ): Promise<boolean> {
    using copy = await this.#copier.copy(original, { folder: to.staging, name: token });
    let isAccepted = false;
    try {
      this.#options.onStep("place.part-opened");
      isAccepted = await accept(copy);
      if (isAccepted) await copy.file.sync();
    } finally {
      if (!isAccepted) await rm(to.staging.entry(token), { force: true });
    }
    if (isAccepted) this.#options.onStep("place.part-synced");
    return isAccepted;
  }

  /** Null when the staged file now has the final name; a conflict leaves nothing behind. */
  async #link(to: WritablePlace, token: string): Promise<Conflict | null> {
    const part = to.staging.entry(token);
    try {
      await link(part, to.folder.entry(to.name));
    } catch (error) {
      await rm(part, { force: true });
      if (systemCode(error) !== "EEXIST") throw error;
      const existing = to.folder.look(to.name);
      // Gone again in this moment: the next attempt finds the name free.
      if (existing === null) throw error;
      return { kind: "conflict", existing: versionOfFile(existing) };
    }
    this.#options.onStep("place.linked");
    await this.#placed(to);
    return null;
  }

  async #placed(to: Place): Promise<{ readonly kind: "placed" }> {
    await this.#folders.sync(to.folder);
    this.#options.onStep("place.synced");
    return { kind: "placed" };
  }
}

function isOwnWork(to: WritablePlace, token: string): boolean {
  const staged = to.staging.look(token);
  if (staged === null) return false;
  const named = to.folder.look(to.name);
  return named !== null && named.ino === staged.ino && named.dev === staged.dev;
}

async function hasContent({ folder, name }: Place, sha256: Sha256 | null): Promise<boolean> {
  if (folder.look(name)?.isFile() !== true) return false;
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  using file = Descriptor.open(folder.entry(name), flags);
  return (await hashFile(file)) === sha256;
}

type Attributes = Pick<Provenance, "mode" | "uid" | "gid">;

function attributesOf({ mode, uid, gid }: OpenVersion["stat"]): Attributes {
  return { mode: Number(mode) & 0o7777, uid: Number(uid), gid: Number(gid) };
}

/** Owner (where we may give files away), then mode, because changing the owner clears the set-id bits. */
function giveAttributes({ fd }: Descriptor, { mode, uid, gid }: Attributes): void {
  if (process.geteuid?.() === 0) fchownSync(fd, uid, gid);
  fchmodSync(fd, mode);
}
