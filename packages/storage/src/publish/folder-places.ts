import { constants } from "node:fs";
import { link, open, rm, type FileHandle } from "node:fs/promises";
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
import { copyHashed, hashFile } from "../vault/copy-hashed.ts";
import { versionOf } from "../vault/file-version.ts";
import { systemCode, VaultDamagedError } from "../vault/folder-errors.ts";
import type { FolderVault } from "../vault/folder-vault.ts";
import { openPlace, type FolderRoots, type Place } from "../vault/open-folder.ts";
import { isStillVersion, openVersion, renewVersion } from "../vault/open-version.ts";
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

  constructor(options: FolderPlacesOptions) {
    this.#options = options;
  }

  async publish(request: PublishRequest): Promise<PlaceResult> {
    const { roots } = this.#options;
    await using to = await openPlaceForWriting(roots, request.to, request.path);
    if (await isOwnWork(to, request.token)) return this.#placed(to);
    await using from = await openPlace(roots, request.root, request.path);
    if (from === null) return { kind: "gone" };
    const opened = await openVersion(from, request.version);
    if (opened.kind !== "open") return { kind: opened.kind };
    try {
      return await this.#publishOpened(request, { from, to, ...opened });
    } finally {
      await opened.handle.close();
    }
  }

  async restore(request: RestoreRequest): Promise<{ readonly kind: "placed" } | Conflict> {
    const { provenance, token } = request;
    const target = request.to;
    await using to = await openPlaceForWriting(this.#options.roots, target.root, target.path);
    if (await isOwnWork(to, token)) return this.#placed(to);
    const blob = await this.#options.vault.open(provenance);
    try {
      await this.#stage({ handle: blob, to, token }, async (copy, sha256) => {
        if (sha256 !== provenance.sha256)
          throw new VaultDamagedError(provenance.id, "its bytes do not have their hash any more");
        await giveAttributes(copy, provenance);
        await setMtimeExactly(copy, provenance.mtimeNs);
        return true;
      });
    } finally {
      await blob.close();
    }
    const conflict = await this.#link(to, token);
    return conflict ?? { kind: "placed" };
  }

  async tidy(to: PublishTarget, token: string): Promise<void> {
    await using place = await openPlaceForWriting(this.#options.roots, to.root, to.path);
    await rm(place.staging.entry(token), { force: true });
    this.#options.onStep("place.tidied");
  }

  async #publishOpened(
    request: PublishRequest,
    { from, to, handle, stat }: OpenedOriginal,
  ): Promise<PlaceResult> {
    const { token, version } = request;
    let content: Sha256 | null = null;
    const isStaged = await this.#stage({ handle, to, token }, async (copy, sha256) => {
      content = sha256;
      if (!(await isStillVersion(handle, from, version))) return false;
      if (request.sha256 !== null && request.sha256 !== sha256) {
        await renewVersion(handle, stat);
        return false;
      }
      await giveAttributes(copy, attributesOf(stat));
      await setMtime(copy, stat.mtimeNs.toString());
      return true;
    });
    if (!isStaged) return { kind: "changed" };
    const conflict = await this.#link(to, token);
    if (conflict === null || (await hasContent(to, content))) return { kind: "placed" };
    return conflict;
  }

  /** Completes a copy in the staging folder; `accept` gives it its attributes and may refuse it, which removes it. */
  async #stage(
    { handle, to, token }: { handle: FileHandle; to: WritablePlace; token: string },
    accept: (copy: FileHandle, sha256: Sha256) => Promise<boolean>,
  ): Promise<boolean> {
    const part = to.staging.entry(token);
    const copy = await copyHashed(handle, part);
    let isAccepted = false;
    try {
      this.#options.onStep("place.part-opened");
      isAccepted = await accept(copy.handle, copy.sha256);
      if (isAccepted) await copy.handle.sync();
    } finally {
      await copy.handle.close();
      if (!isAccepted) await rm(part, { force: true });
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
      const existing = await to.folder.look(to.name);
      // Gone again in this moment: the next attempt finds the name free.
      if (existing === null) throw error;
      return { kind: "conflict", existing: versionOf(existing) };
    }
    this.#options.onStep("place.linked");
    await this.#placed(to);
    return null;
  }

  async #placed(to: Place): Promise<{ readonly kind: "placed" }> {
    await to.folder.sync();
    this.#options.onStep("place.synced");
    return { kind: "placed" };
  }
}

type PublishTarget = RestoreRequest["to"];
type OpenedOriginal = {
  readonly from: Place;
  readonly to: WritablePlace;
} & Extract<Awaited<ReturnType<typeof openVersion>>, { kind: "open" }>;

async function isOwnWork(to: WritablePlace, token: string): Promise<boolean> {
  const staged = await to.staging.look(token);
  if (staged === null) return false;
  const named = await to.folder.look(to.name);
  return named !== null && named.ino === staged.ino && named.dev === staged.dev;
}

async function hasContent({ folder, name }: Place, sha256: Sha256 | null): Promise<boolean> {
  const stat = await folder.look(name);
  if (stat === null || !stat.isFile()) return false;
  const handle = await open(folder.entry(name), constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    return (await hashFile(handle)) === sha256;
  } finally {
    await handle.close();
  }
}

type Attributes = Pick<Provenance, "mode" | "uid" | "gid">;

function attributesOf(stat: OpenedOriginal["stat"]): Attributes {
  return { mode: Number(stat.mode) & 0o7777, uid: Number(stat.uid), gid: Number(stat.gid) };
}

/** Owner (where we may give files away), then mode, because changing the owner clears the set-id bits. */
async function giveAttributes(handle: FileHandle, attributes: Attributes): Promise<void> {
  if (process.geteuid?.() === 0) await handle.chown(attributes.uid, attributes.gid);
  await handle.chmod(attributes.mode);
}
