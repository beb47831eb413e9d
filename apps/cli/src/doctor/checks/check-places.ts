import { randomUUID } from "node:crypto";
import { access, constants, link, rm, stat, statfs, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { SluiceConfig } from "@sluice/config";
import { formatBytes } from "../../pull/format-bytes.ts";
import { findFolderProblems } from "../../setup/check-folders.ts";
import { broken, ok, warning, type Finding } from "../finding.ts";

/** Folders that Sluice reads and writes: whether it may, whether they take hard links, and how much room there is. */
export async function checkPlaces(config: SluiceConfig): Promise<readonly Finding[]> {
  const problems = await findFolderProblems(config.roots);
  const folders = [...config.roots].flatMap(([name, root]) =>
    root.kind === "folder" ? [{ what: `root ${name}`, name, folder: root.folder }] : [],
  );
  const usable = folders.filter(
    ({ name }) => !problems.some((p) => p.startsWith(`roots.${name}.`)),
  );
  return [
    ...problems.map(tellProblem),
    ...(await Promise.all(
      usable.map(
        async ({ what, folder }) => await checkLinks(what, folder, ignoresProbes(config, folder)),
      ),
    )),
    await checkRoom("data folder", config.dataDir),
    await checkRoom("vault", config.moderation.vaultDir),
  ];
}

/** These sentences carry their remedy behind a semicolon. */
function tellProblem(problem: string): Finding {
  const at = problem.lastIndexOf("; ");
  const remedy = at === -1 ? "look at its owner, its mode and its disk" : problem.slice(at + 2);
  return broken("folders", at === -1 ? problem : problem.slice(0, at), remedy);
}

/** What a probe is called; sources ignore such names unless they are told otherwise. */
const PROBE_PATTERN = "**/*.part";

function ignoresProbes({ roots, sources }: SluiceConfig, folder: string): boolean {
  return sources.every((source) => {
    if (source.kind !== "folder") return true;
    const watched = roots.get(source.root);
    const isWatched = watched?.kind === "folder" && watched.folder === folder;
    return !isWatched || source.ignore.includes(PROBE_PATTERN);
  });
}

/** Publishing and taking away need hard links within a folder, so that no file is ever overwritten or seen half. */
async function checkLinks(what: string, folder: string, mayProbe: boolean): Promise<Finding> {
  if (!mayProbe)
    return ok(what, `${folder}; not tried with a file of our own, as its source would see it`);
  const probe = join(folder, `.sluice-doctor-${randomUUID()}.part`);
  const second = `${probe.slice(0, -".part".length)}-2.part`;
  try {
    await writeFile(probe, "", { flag: "wx" });
    await link(probe, second);
    return ok(what, `${folder}; writable, takes hard links`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const remedy =
      "put it on a file system with hard links (ext4, XFS, NFS), not FAT or a FUSE share";
    return broken(what, `${folder}: ${reason}`, remedy);
  } finally {
    await rm(probe, { force: true });
    await rm(second, { force: true });
  }
}

const LEAST_FREE_BYTES = 256 << 20;
const ENOUGH_FREE_BYTES = 5 * 2 ** 30;
const ENOUGH_FREE_SHARE = 0.05;

/** A folder that is not there yet is made where its nearest parent is. */
async function checkRoom(what: string, folder: string): Promise<Finding> {
  const place = await nearestThere(folder);
  try {
    await access(place, constants.W_OK | constants.X_OK);
    const { bavail, blocks, bsize } = await statfs(place);
    const free = bavail * bsize;
    const found = `${folder}; ${formatBytes(free)} free`;
    const remedy = "make room there, or name another disk";
    if (free < LEAST_FREE_BYTES) return broken(what, found, remedy);
    const isTight = free < ENOUGH_FREE_BYTES || bavail < blocks * ENOUGH_FREE_SHARE;
    return isTight ? warning(what, found, remedy) : ok(what, found);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return broken(what, `${folder}: ${reason}`, "give this user the right to write there");
  }
}

async function nearestThere(folder: string): Promise<string> {
  for (let place = folder; ; place = dirname(place)) {
    if (place === dirname(place)) return place;
    const isThere = await stat(place).then(
      (stats) => stats.isDirectory(),
      () => false,
    );
    if (isThere) return place;
  }
}
