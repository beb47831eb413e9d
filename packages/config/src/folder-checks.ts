import { realpath } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import type { SluiceConfig } from "./sluice-config.ts";

/** What Sluice writes below `dataDir`; a root in one of them would be mixed with it. */
const OWN_FOLDERS = ["run", "redis", "ingest", "moderation", "models", "cache"];

interface Place {
  readonly setting: string;
  readonly folder: string;
}

/**
 * Folders that lie inside one another: one would be watched, moved or published as part of the other. Links are followed
 * first, because two names of one folder are the same folder; what does not exist yet is taken as it is written.
 */
export async function findFolderConflicts(config: SluiceConfig): Promise<string[]> {
  const dataDir = await realFolder(config.dataDir);
  const places: Place[] = [];
  for (const [name, root] of config.roots) {
    if (root.kind !== "folder") continue;
    places.push({ setting: `roots.${name}.folder`, folder: await realFolder(root.folder) });
  }
  const vaultDir = await realFolder(config.moderation.vaultDir);
  places.push({ setting: "moderation.vault", folder: vaultDir });
  return [
    ...pairsOf(places).flatMap(([a, b]) => checkApart(a, b)),
    ...places.flatMap((place) => checkDataDir(place, dataDir)),
  ];
}

function checkApart(a: Place, b: Place): string[] {
  if (!contains(a.folder, b.folder) && !contains(b.folder, a.folder)) return [];
  return [
    `${a.setting} and ${b.setting}: "${a.folder}" and "${b.folder}" lie inside one another; use separate folders`,
  ];
}

function checkDataDir({ setting, folder }: Place, dataDir: string): string[] {
  if (contains(folder, dataDir)) {
    return [`${setting} and dataDir: "${dataDir}" lies inside "${folder}"; move one`];
  }
  const own = OWN_FOLDERS.map((name) => join(dataDir, name)).find((o) => contains(o, folder));
  if (own === undefined) return [];
  return [
    `${setting} and dataDir: "${folder}" lies inside "${own}", where Sluice keeps things of its own; move it`,
  ];
}

function contains(outer: string, inner: string): boolean {
  return outer === inner || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);
}

/** The folder without links; of a folder that does not exist yet, its nearest parent that does. */
async function realFolder(folder: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch {
    // Not there, or not to be entered by us: whoever opens it will say so.
    const parent = dirname(folder);
    return parent === folder ? folder : join(await realFolder(parent), basename(folder));
  }
}

function pairsOf<T>(items: readonly T[]): [T, T][] {
  return items.flatMap((a, i) => items.slice(i + 1).map((b): [T, T] => [a, b]));
}
