import type { RootName } from "@sluice/contracts";
import type { SluiceConfig } from "./sluice-config.ts";

/** The roots that this process reaches as folders, with their absolute paths. */
export function folderRoots(roots: SluiceConfig["roots"]): Map<RootName, string> {
  const folders = new Map<RootName, string>();
  for (const [name, root] of roots) {
    if (root.kind === "folder") folders.set(name, root.folder);
  }
  return folders;
}
