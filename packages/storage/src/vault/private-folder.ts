import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { Descriptor } from "./descriptor.ts";
import { OPEN_FOLDER } from "./open-folder.ts";

/** Makes a folder of mode 0700 with its parents, makes its name durable, and opens it. */
export async function openPrivateFolder(path: string): Promise<Descriptor> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first !== undefined) {
    using parent = Descriptor.open(dirname(first), OPEN_FOLDER);
    await parent.sync();
  }
  return Descriptor.open(path, OPEN_FOLDER);
}
