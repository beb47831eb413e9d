import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { promisify } from "node:util";
import { readNeeded } from "./read-needed.ts";

/** Where the dynamic loader of this system looks for libraries. */
export interface LoaderPlaces {
  /** Of `LD_LIBRARY_PATH`; an empty entry is the working directory. */
  readonly environment: readonly string[];
  /** Name to path, of `/etc/ld.so.cache`. */
  readonly cache: ReadonlyMap<string, string>;
  readonly standard: readonly string[];
}

const STANDARD = ["/lib64", "/usr/lib64", "/lib", "/usr/lib"];
const LDCONFIG = ["/sbin/ldconfig", "/usr/sbin/ldconfig", "ldconfig"];
const LDCONFIG_LIMITS = { timeout: 10_000, maxBuffer: 32 << 20 } as const;
/** As `ldconfig -p` names the libraries of this architecture. */
const CACHE_LINE = /^\s+(?<name>\S+) \((?<kind>[^)]*)\) => (?<path>\/.+)$/u;

export async function findLoaderPlaces(libraryPath: string | undefined): Promise<LoaderPlaces> {
  return {
    environment: (libraryPath ?? "").split(/[:;]/u).filter((folder) => folder !== ""),
    cache: parseCache(await printCache(), process.arch),
    standard: STANDARD,
  };
}

/** The loader's cache is a binary file whose form has changed; glibc's own tool prints it. Empty where there is none (musl). */
async function printCache(): Promise<string> {
  for (const program of LDCONFIG) {
    try {
      return (await promisify(execFile)(program, ["-p"], LDCONFIG_LIMITS)).stdout;
    } catch {
      // Not there, or not for this user: the next place is asked.
    }
  }
  return "";
}

export function parseCache(text: string, arch: string): Map<string, string> {
  const kind = arch === "arm64" ? "AArch64" : "x86-64";
  const cache = new Map<string, string>();
  for (const line of text.split("\n")) {
    const groups = CACHE_LINE.exec(line)?.groups;
    if (groups === undefined || !groups["kind"]?.includes(kind)) continue;
    const [name = "", path = ""] = [groups["name"], groups["path"]];
    if (!cache.has(name)) cache.set(name, path);
  }
  return cache;
}

/** Libraries that one library needs, itself or through others, and that the loader would not find. */
export interface MissingLibrary {
  readonly name: string;
  /** Path of the library that asks for it. */
  readonly neededBy: string;
}

/** No chain of libraries is longer; CUDA's are about thirty. */
const MAX_LIBRARIES = 500;

/**
 * Follows what a library needs as the dynamic loader would: `LD_LIBRARY_PATH`, the library's own search path, the cache, the standard
 * folders. What cannot be read as a library is taken for found: the loader will say more than we could.
 *
 * @param also names that the library opens at run time, beyond what its headers say
 */
export async function findMissing(
  path: string,
  places: LoaderPlaces,
  also: readonly string[] = [],
): Promise<readonly MissingLibrary[]> {
  const missing: MissingLibrary[] = [];
  const seen = new Set<string>();
  const open = [{ path, also }];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const needs = await readNeeded(next.path).catch(() => null);
    for (const name of [...(needs?.needed ?? []), ...next.also]) {
      if (seen.has(name) || seen.size >= MAX_LIBRARIES) continue;
      seen.add(name);
      const found = await locate(name, {
        places,
        own: searchPathOf(next.path, needs?.searchPath ?? []),
      });
      if (found === null) missing.push({ name, neededBy: next.path });
      else open.push({ path: found, also: [] });
    }
  }
  return missing;
}

function searchPathOf(library: string, folders: readonly string[]): string[] {
  const origin = dirname(library);
  return folders
    .map((folder) => folder.replaceAll(/\$(?:ORIGIN|\{ORIGIN\})/gu, () => origin))
    .filter((folder) => isAbsolute(folder));
}

async function locate(
  name: string,
  { places, own }: { places: LoaderPlaces; own: readonly string[] },
): Promise<string | null> {
  if (isAbsolute(name)) return (await isThere(name)) ? name : null;
  for (const folder of [...places.environment, ...own]) {
    if (await isThere(join(folder, name))) return join(folder, name);
  }
  const cached = places.cache.get(name);
  if (cached !== undefined && (await isThere(cached))) return cached;
  for (const folder of places.standard) {
    if (await isThere(join(folder, name))) return join(folder, name);
  }
  return null;
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
