import { link, lstat, rename, unlink } from "node:fs/promises";
import type { OnStep, Original, Originals } from "@sluice/moderation";
import { isRenamedVersion } from "./file-version.ts";
import { systemCode } from "./folder-errors.ts";
import { openPlace, type FolderRoots, type Place } from "./open-folder.ts";
import { openVersion } from "./open-version.ts";

export interface FolderOriginalsOptions {
  readonly roots: FolderRoots;
  readonly onStep: OnStep;
}

/**
 * Takes files out of folders in which strangers may rename, replace and link at any time.
 *
 *     in place ── rename to `.sluice-<token>` ──▶ aside ── still the judged file? ──▶ unlinked
 *                                                   └── no: given its name back (or a visible one) ──▶ in place
 *
 * What is renamed is looked at only afterwards, because nothing can be checked and renamed in one step. The token
 * is unguessable, and a name whose file is not the judged one is never removed.
 */
export class FolderOriginals implements Originals {
  readonly #options: FolderOriginalsOptions;

  constructor(options: FolderOriginalsOptions) {
    this.#options = options;
  }

  async setAside(original: Original): Promise<"aside" | "changed" | "gone"> {
    await using place = await openPlace(this.#options.roots, original.root, original.path);
    if (place === null) return "gone";
    if (await this.#isAsideFromEarlier(place, original)) return "aside";
    const opened = await openVersion(place, original.version);
    if (opened.kind !== "open") return opened.kind;
    try {
      this.#options.onStep("original.verified");
      return await this.#moveAside(place, original);
    } finally {
      await opened.handle.close();
    }
  }

  async removeAside(original: Original): Promise<void> {
    await using place = await openPlace(this.#options.roots, original.root, original.path);
    if (place === null || !(await this.#isAsideFromEarlier(place, original))) return;
    await unlink(place.folder.entry(asideName(original)));
    this.#options.onStep("original.removed");
    await place.folder.sync();
    this.#options.onStep("original.removal-synced");
  }

  /** Puts back whatever else stands under the private name. */
  async #isAsideFromEarlier(place: Place, original: Original): Promise<boolean> {
    const stat = await place.folder.look(asideName(original));
    if (stat === null) return false;
    if (isRenamedVersion(stat, original.version)) return true;
    await putBack(place, original);
    return false;
  }

  async #moveAside(place: Place, original: Original): Promise<"aside" | "changed" | "gone"> {
    const { folder, name } = place;
    try {
      await rename(folder.entry(name), folder.entry(asideName(original)));
    } catch (error) {
      if (systemCode(error) === "ENOENT") return "gone";
      throw error;
    }
    this.#options.onStep("original.set-aside");
    if (!(await this.#isAsideFromEarlier(place, original))) return "changed";
    await folder.sync();
    this.#options.onStep("original.aside-synced");
    return "aside";
  }
}

function asideName({ token }: Original): string {
  return `.sluice-${token}`;
}

/**
 * Gives a stranger's file its name back without overwriting anything. If a newer file has the name by then, it
 * gets a visible name of its own, so that no bytes are lost and ingest finds and judges it.
 */
async function putBack({ folder, name }: Place, original: Original): Promise<void> {
  const aside = folder.entry(asideName(original));
  const extension = /\.[\w]{1,8}$/u.exec(name.toString("latin1"))?.[0] ?? "";
  const ino = (await folder.look(asideName(original)))?.ino ?? 0n;
  const visible = Buffer.from(`sluice-kept-${original.token}-${ino}${extension}`);
  for (const target of [name, visible]) {
    if (await moveWithoutOverwriting(aside, folder.entry(target))) break;
  }
  await folder.sync();
}

async function moveWithoutOverwriting(from: Buffer, to: Buffer): Promise<boolean> {
  try {
    await link(from, to);
    await unlink(from);
    return true;
  } catch (error) {
    const code = systemCode(error);
    if (code === "EEXIST") return false;
    // Folders cannot be linked, and some file systems have no links: an empty name is all that can be asked for.
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "EMLINK") throw error;
  }
  if (await isTaken(to)) return false;
  await rename(from, to);
  return true;
}

async function isTaken(path: Buffer): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
}
