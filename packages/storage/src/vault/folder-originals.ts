import { link, rename, unlink } from "node:fs/promises";
import type { OnStep, Original, Originals } from "@sluice/moderation";
import { isRenamedVersion } from "./renamed-version.ts";
import { systemCode } from "./folder-errors.ts";
import { FolderSync } from "./folder-sync.ts";
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
  readonly #folders = new FolderSync();

  constructor(options: FolderOriginalsOptions) {
    this.#options = options;
  }

  async setAside(original: Original): Promise<"aside" | "changed" | "gone"> {
    using place = openPlace(this.#options.roots, original.root, original.path);
    return place === null ? "gone" : await this.#setAsideIn(place, original);
  }

  async remove(original: Original): Promise<"removed" | "changed" | "gone"> {
    using place = openPlace(this.#options.roots, original.root, original.path);
    if (place === null) return "gone";
    const outcome = await this.#setAsideIn(place, original);
    if (outcome !== "aside") return outcome;
    await unlink(place.folder.entry(asideName(original)));
    this.#options.onStep("original.removed");
    await this.#folders.sync(place.folder);
    this.#options.onStep("original.removal-synced");
    return "removed";
  }

  /** Whoever may rename a file in its folder may remove it, so none is ever locked or marked. */
  async mark(): Promise<void> {
    return undefined;
  }

  async unmark(): Promise<void> {
    return undefined;
  }

  async #setAsideIn(place: Place, original: Original): Promise<"aside" | "changed" | "gone"> {
    if (await this.#isAside(place, original)) return "aside"; // from an earlier attempt
    using opened = openVersion(place, original.version);
    if (opened.kind !== "open") return opened.kind;
    this.#options.onStep("original.verified");
    try {
      await rename(place.folder.entry(place.name), place.folder.entry(asideName(original)));
    } catch (error) {
      if (systemCode(error) === "ENOENT") return "gone";
      throw error;
    }
    this.#options.onStep("original.set-aside");
    return (await this.#isAside(place, original)) ? "aside" : "changed";
  }

  /** Puts back whatever else stands under the private name. */
  async #isAside(place: Place, original: Original): Promise<boolean> {
    const stat = place.folder.look(asideName(original));
    if (stat === null) return false;
    if (isRenamedVersion(stat, original.version)) return true;
    await putBack(place, { aside: asideName(original), ino: stat.ino });
    await this.#folders.sync(place.folder);
    return false;
  }
}

function asideName({ token }: Original): string {
  return `.sluice-${token}`;
}

/**
 * Gives a stranger's file its name back without overwriting anything. If a newer file has the name by then, it
 * gets a visible name of its own, so that no bytes are lost and ingest finds and judges it.
 */
async function putBack(
  { folder, name }: Place,
  { aside, ino }: { readonly aside: string; readonly ino: bigint },
): Promise<void> {
  const extension = /\.\w{1,8}$/u.exec(name.toString("latin1"))?.[0] ?? "";
  const visible = Buffer.from(`${aside.replace(/^\./u, "")}-${ino}${extension}`);
  for (const target of [name, visible]) {
    if (folder.look(target) !== null) continue;
    if (await moveWithoutOverwriting(folder.entry(aside), folder.entry(target))) return;
  }
}

async function moveWithoutOverwriting(from: Buffer, to: Buffer): Promise<boolean> {
  try {
    await link(from, to);
  } catch (error) {
    const code = systemCode(error);
    if (code === "EEXIST") return false;
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "EMLINK") throw error;
    // Folders cannot be linked, and some file systems have no links. The name was free a moment ago.
    await rename(from, to);
    return true;
  }
  await unlink(from);
  return true;
}
