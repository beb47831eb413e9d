import { randomUUID } from "node:crypto";
import {
  mkdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import type { ExpectedContent } from "../download/expected-content.ts";

/**
 * One repository in the cache that Python's huggingface_hub keeps (and @huggingface/hub's downloadFileToCacheDir):
 * `blobs/<hash>` holds bytes, `snapshots/<commit>/<path>` links to them, `refs/<revision>` names a commit.
 */
export class HubCache {
  readonly #folder: string;

  constructor(hubCache: string, repo: string) {
    this.#folder = join(hubCache, `models--${repo.replaceAll("/", "--")}`);
  }

  /** @param hash SHA-256 of a large file, git id of a small one; lower-case hex */
  blobPath(hash: string): string {
    return join(this.#folder, "blobs", hash);
  }

  /** The commit that a revision was when it was last fetched, null when it never was. */
  async readRef(revision: string): Promise<string | null> {
    if (COMMIT.test(revision)) return revision;
    const text = await readFile(join(this.#folder, "refs", revision), "utf8").catch(nullIfMissing);
    return text !== null && COMMIT.test(text.trim()) ? text.trim() : null;
  }

  async writeRef(revision: string, commit: string): Promise<void> {
    // Not written again: a cache that is full of what is wanted may be read-only.
    if ((await this.readRef(revision)) === commit) return;
    await replaceFile(join(this.#folder, "refs", revision), async (path) => {
      await writeFile(path, commit);
    });
  }

  async link(commit: string, path: string, hash: string): Promise<void> {
    const place = join(this.#folder, "snapshots", commit, path);
    const target = relative(dirname(place), this.blobPath(hash));
    if ((await readlink(place).catch(() => null)) === target) return; // Absent, or a copy: made anew.
    await replaceFile(place, async (temporary) => {
      await symlink(target, temporary);
    });
  }

  /** A file of a commit, with the hash that its blob is named for; null when it is not cached. */
  async find(commit: string, path: string): Promise<CachedFile | null> {
    const blob = await realpath(join(this.#folder, "snapshots", commit, path)).catch(nullIfMissing);
    if (blob === null) return null;
    return {
      path: blob,
      sizeBytes: (await stat(blob)).size,
      expected: expectedOf(basename(blob)),
    };
  }
}

export interface CachedFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly expected: ExpectedContent | null;
}

const COMMIT = /^[0-9a-f]{40}$/u;

/** A cache on a file system without links holds copies, whose names say nothing. */
function expectedOf(blob: string): ExpectedContent | null {
  if (/^[0-9a-f]{64}$/u.test(blob)) return { kind: "sha256", hex: blob };
  return COMMIT.test(blob) ? { kind: "git-blob", hex: blob } : null;
}

async function replaceFile(place: string, make: (path: string) => Promise<void>): Promise<void> {
  const temporary = `${place}.${randomUUID()}.tmp`;
  await mkdir(dirname(place), { recursive: true });
  try {
    await make(temporary);
    await rename(temporary, place);
  } finally {
    await rm(temporary, { force: true });
  }
}

function nullIfMissing(error: unknown): null {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "ENOENT" || code === "ENOTDIR") return null;
  throw error;
}
