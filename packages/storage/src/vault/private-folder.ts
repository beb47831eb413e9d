import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { OPEN_FOLDER, OpenFolder } from "./open-folder.ts";

/** Makes a folder of mode 0700 with its parents, and makes its name durable. */
export async function makePrivateFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first !== undefined) await syncFolder(dirname(first));
}

export async function syncFolder(path: string): Promise<void> {
  await using folder = new OpenFolder(await open(path, OPEN_FOLDER));
  await folder.sync();
}
