import { dirname } from "node:path/posix";
import type { BigIntStats } from "node:fs";
import { decodeObjectPath, encodeObjectPath, type ObjectPath } from "@sluice/contracts";
import type { Looked, ObjectLooker } from "@sluice/sources";
import { Descriptor } from "../vault/descriptor.ts";
import { systemCode } from "../vault/folder-errors.ts";
import { OPEN_FOLDER } from "../vault/open-folder.ts";
import { versionOfFile } from "./file-version.ts";

/**
 * Looks below a folder at paths that strangers chose. The directory of each is opened first and then proved, through its descriptor, to
 * lie below the folder; the file is looked at in that directory, not by its path, so that no link can lead elsewhere however
 * quickly it is swapped in. The path in the answer is the one without links, or one file would have two names.
 */
export function createFolderLooker(folder: string): ObjectLooker {
  let firstDevice: bigint | null = null;
  let device: bigint | null = null;
  return {
    hasMoved: () => device !== firstDevice,
    async look(paths) {
      let root: Descriptor;
      try {
        root = Descriptor.open(folder, OPEN_FOLDER);
      } catch (error) {
        const code = systemCode(error);
        return await Promise.resolve(paths.map(() => ({ kind: "unavailable", code })));
      }
      using round = new LookRound(root);
      device = round.device;
      firstDevice ??= device;
      return paths.map((path) => round.look(path));
    },
  };
}

/** One batch: directories stay open for its duration, because uploads come in bunches. */
class LookRound implements Disposable {
  readonly #root: Descriptor;
  /** st_dev of the root. */
  readonly device: bigint;
  /** Path of the root, with a slash at the end, as bytes. */
  readonly #prefix: string;
  readonly #directories = new Map<string, Directory>();

  constructor(root: Descriptor) {
    this.#root = root;
    this.device = root.stat().dev;
    this.#prefix = `${root.realPath().toString("latin1").replace(/\/$/u, "")}/`;
  }

  look(path: ObjectPath): Looked {
    const bytes = decodeObjectPath(path).toString("latin1");
    const parent = dirname(bytes);
    const name = parent === "." ? bytes : bytes.slice(parent.length + 1);
    try {
      const directory = this.#directoryOf(parent);
      if ("looked" in directory) return directory.looked;
      const stats = directory.open.look(Buffer.from(name, "latin1"));
      return stats === null ? { kind: "missing" } : this.#describe(directory.path + name, stats);
    } catch (error) {
      return { kind: "unreadable", code: systemCode(error) };
    }
  }

  [Symbol.dispose](): void {
    for (const directory of this.#directories.values()) {
      if ("open" in directory && directory.open !== this.#root) directory.open[Symbol.dispose]();
    }
    this.#root[Symbol.dispose]();
  }

  #directoryOf(parent: string): Directory {
    const known = this.#directories.get(parent);
    if (known !== undefined) return known;
    const found = this.#openDirectory(parent);
    this.#directories.set(parent, found);
    return found;
  }

  #openDirectory(parent: string): Directory {
    if (parent === ".") return { open: this.#root, path: "" };
    let open: Descriptor;
    try {
      open = Descriptor.open(this.#root.entry(Buffer.from(parent, "latin1")), OPEN_FOLDER);
    } catch (error) {
      const code = systemCode(error);
      if (code === "ENOENT" || code === "ENOTDIR") return { looked: { kind: "missing" } };
      if (code === "ELOOP") return { looked: { kind: "refused", reason: "symlink" } };
      return { looked: { kind: "unreadable", code } };
    }
    const real = open.realPath().toString("latin1");
    if (real.startsWith(this.#prefix)) {
      return { open, path: `${real.slice(this.#prefix.length)}/` };
    }
    const isRoot = `${real}/` === this.#prefix;
    open[Symbol.dispose]();
    return isRoot
      ? { open: this.#root, path: "" }
      : { looked: { kind: "refused", reason: "outside" } };
  }

  #describe(path: string, stats: BigIntStats): Looked {
    if (stats.isSymbolicLink()) return { kind: "refused", reason: "symlink" };
    if (stats.dev !== this.device) return { kind: "refused", reason: "other-device" };
    if (stats.isDirectory()) return { kind: "directory" };
    if (!stats.isFile()) return { kind: "refused", reason: "special" };
    const changedNs = stats.mtimeNs > stats.ctimeNs ? stats.mtimeNs : stats.ctimeNs;
    return {
      kind: "object",
      sighting: {
        object: {
          path: encodeObjectPath(Buffer.from(path, "latin1")),
          version: versionOfFile(stats),
          sizeBytes: Number(stats.size),
        },
        changedAtMs: Math.ceil(Number(changedNs) / 1e6),
      },
    };
  }
}

/** A directory that was proved to lie below the root, with its own path and a slash (nothing for the root); or why there is none. */
type Directory = { readonly open: Descriptor; readonly path: string } | { readonly looked: Looked };
