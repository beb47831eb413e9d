import { access, constants, mkdir, stat } from "node:fs/promises";
import type { SluiceConfig } from "@sluice/config";

/** The built-in default's folders are for looking around, so they are made; a site's own must be there. */
export async function createDefaultFolders(config: SluiceConfig): Promise<void> {
  for (const { folder } of foldersOf(config.roots)) await mkdir(folder, { recursive: true });
}

/** One line per root whose folder cannot be used, naming the setting. */
export async function findFolderProblems(roots: SluiceConfig["roots"]): Promise<readonly string[]> {
  const problems = await Promise.all(
    foldersOf(roots).map(async ({ name, folder }) => {
      const problem = await folderProblem(folder);
      return problem === null ? null : `roots.${name}.folder: ${problem}`;
    }),
  );
  return problems.filter((problem) => problem !== null);
}

/** The roots that this host reaches as folders. */
function foldersOf(roots: SluiceConfig["roots"]): { name: string; folder: string }[] {
  return [...roots].flatMap(([name, root]) =>
    root.kind === "folder" ? [{ name, folder: root.folder }] : [],
  );
}

async function folderProblem(folder: string): Promise<string | null> {
  try {
    if (!(await stat(folder)).isDirectory()) return `expected a folder, ${folder} is not one`;
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    return describeAccessError(folder, error);
  }
}

function describeAccessError(folder: string, error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : error;
  switch (code) {
    case "ENOENT":
      return `expected a folder, ${folder} does not exist; create it, or name the right one`;
    case "EACCES":
      return `${folder} cannot be read and written by this user; change its owner or mode, or run Sluice as its owner`;
    default:
      return `${folder} cannot be used (${String(code)})`;
  }
}
