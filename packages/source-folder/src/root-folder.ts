import { access, constants, lstat, realpath } from "node:fs/promises";
import type { RootName } from "@sluice/contracts";
import { errorCode } from "./error-code.ts";
import { FolderUnusableError } from "./folder-error.ts";

/**
 * The folder that a root names, with all links on the way to it resolved once: an administrator may link to it, an
 * uploader may not. @throws FolderUnusableError
 */
export async function openRootFolder(root: RootName, folder: string): Promise<string> {
  const refuse = (reason: string, cause?: unknown): never => {
    throw new FolderUnusableError(
      `roots.${root}.folder: expected a folder that can be listed, ${folder} ${reason}: make the folder, or correct the setting`,
      { cause },
    );
  };
  try {
    const resolved = await realpath(folder);
    const stats = await lstat(resolved);
    if (!stats.isDirectory()) return refuse("is no folder");
    await access(resolved, constants.R_OK | constants.X_OK);
    return resolved;
  } catch (error) {
    if (error instanceof FolderUnusableError) throw error;
    const code = errorCode(error);
    if (code === "ENOENT") return refuse("does not exist", error);
    return refuse(code === "EACCES" ? "may not be read by this user" : `fails with ${code}`, error);
  }
}

/** st_dev of the file system that the folder lies on. Rejects when the folder is not there at the moment. */
export async function deviceOf(folder: string): Promise<bigint> {
  const stats = await lstat(folder, { bigint: true });
  return stats.dev;
}
