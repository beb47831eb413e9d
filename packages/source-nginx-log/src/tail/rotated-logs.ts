import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** A file that a log may have become. */
export interface RotatedLog {
  readonly path: string;
  readonly isCompressed: boolean;
  readonly modifiedAtMs: number;
}

/**
 * Files beside a log that rotation may have made of it, newest first: its name, then `.` or `-` and whatever logrotate and others append
 * (`.1`, `.2.gz`, `-20261124`), or the same before the extension (`access-20261124.log`). While one is being compressed both exist; the plain
 * one is whole. Empty when the folder cannot be listed.
 */
export async function listRotated(log: string): Promise<readonly RotatedLog[]> {
  const folder = dirname(log);
  const names = await readdir(folder).catch(() => []); // the log itself will be told as missing
  const present = new Set(names);
  const found: RotatedLog[] = [];
  for (const name of names) {
    if (!isRotationOf(name, basename(log))) continue;
    const isCompressed = name.endsWith(".gz");
    if (isCompressed && present.has(name.slice(0, -3))) continue;
    const path = join(folder, name);
    const stats = await stat(path).catch(() => null); // rotated on meanwhile
    if (stats?.isFile() === true) {
      found.push({ path, isCompressed, modifiedAtMs: stats.mtimeMs });
    }
  }
  return found.sort((a, b) => b.modifiedAtMs - a.modifiedAtMs);
}

function isRotationOf(name: string, log: string): boolean {
  if (name === log) return false;
  if (name.startsWith(`${log}.`) || name.startsWith(`${log}-`)) return true;
  const dot = log.lastIndexOf(".");
  const [stem, extension] = dot > 0 ? [log.slice(0, dot), log.slice(dot)] : [log, ""];
  const plain = name.endsWith(".gz") ? name.slice(0, -3) : name;
  return (
    extension !== "" &&
    plain.endsWith(extension) &&
    /^[.-]\d[\d.-]*$/u.test(plain.slice(stem.length, -extension.length)) &&
    plain.startsWith(stem)
  );
}
