import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { CliError } from "../cli-error.ts";
import { EXIT_CODE } from "../exit-code.ts";

export interface PictureFile {
  readonly path: string;
  /** Name of the sub-folder directly below the listed folder; null for files that lie in the folder itself. */
  readonly label: string | null;
}

/**
 * All regular files below a folder, sorted by path so that two runs see them in the same order. Hidden files and links are
 * left out; whether a file is a picture shows when it is decoded.
 *
 * @throws CliError PICTURES_UNREADABLE when the folder cannot be listed
 */
export async function listPictures(folder: string): Promise<readonly PictureFile[]> {
  const found: PictureFile[] = [];
  for (const entry of await listFolder(folder)) {
    const path = join(folder, entry.name);
    if (entry.isFile()) found.push({ path, label: null });
    if (!entry.isDirectory()) continue;
    for (const file of await listDeep(path)) found.push({ path: file, label: entry.name });
  }
  return found;
}

async function listDeep(folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await listFolder(folder)) {
    const path = join(folder, entry.name);
    if (entry.isFile()) files.push(path);
    if (entry.isDirectory()) files.push(...(await listDeep(path)));
  }
  return files;
}

interface Entry {
  readonly name: string;
  isFile(): boolean;
  isDirectory(): boolean;
}

async function listFolder(folder: string): Promise<Entry[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter(({ name }) => !name.startsWith("."))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw new CliError(
      "PICTURES_UNREADABLE",
      `${folder} cannot be listed (${String(error)}); expected a folder of pictures`,
      { exitCode: EXIT_CODE.configuration, cause: error },
    );
  }
}
