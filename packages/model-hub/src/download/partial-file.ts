import { open, readFile, rename, rm, stat, writeFile, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";

const noteSchema = z.object({
  /** A strong ETag, or a Last-Modified date: what If-Range may carry. Null when the server gave neither. */
  validator: z.string().max(1000).nullable(),
});

/**
 * The bytes of a file that is still being fetched: `<place>.partial`, and `<place>.partial.json` with what the server
 * said about the version that they belong to. It becomes the file by one rename, after everything has been checked.
 */
export class PartialFile {
  readonly path: string;
  readonly #place: string;
  readonly #notePath: string;

  constructor(place: string) {
    this.#place = place;
    this.path = `${place}.partial`;
    this.#notePath = `${this.path}.json`;
  }

  /** How many bytes an earlier attempt left, and of which version; null when there is nothing to go on with. */
  async read(): Promise<{ bytes: number; validator: string | null } | null> {
    const size = await stat(this.path).then((found) => found.size, zeroIfMissing);
    if (size === 0) return null;
    const note = await readFile(this.#notePath, "utf8").catch(() => ""); // Without a note the bytes are worth nothing.
    const parsed = noteSchema.safeParse(parseJson(note));
    return parsed.success ? { bytes: size, validator: parsed.data.validator } : null;
  }

  /** Opens it for writing behind `offset`; what stood beyond is cut off. */
  async openAt(offset: number, validator: string | null): Promise<FileHandle> {
    if (offset === 0) {
      // In this order: a note must never stand beside bytes of another version.
      await this.remove();
      await writeFile(this.#notePath, JSON.stringify({ validator }), { flush: true });
    }
    const file = await open(this.path, offset === 0 ? "w" : "r+");
    try {
      await file.truncate(offset);
    } catch (error) {
      await file.close();
      throw error;
    }
    return file;
  }

  /** The only step after which the place holds anything. */
  async moveIntoPlace(): Promise<void> {
    await rename(this.path, this.#place);
    await syncFolder(dirname(this.#place));
    await rm(this.#notePath, { force: true });
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
    await rm(this.#notePath, { force: true });
  }
}

/** Makes a rename in a folder outlive a loss of power. */
export async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, "r");
  await handle.sync();
}

function zeroIfMissing(error: unknown): number {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return 0;
  throw error;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // Not a note; the schema refuses it.
  }
}
