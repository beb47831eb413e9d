import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { childEnvironment, root } from "./environment.mjs";
import { mustRun } from "./run.mjs";

const NEEDED = { node: [24, 11], pnpm: [12, 0] };
const ADVICE =
  "install Node.js 24.11 or later and pnpm 12 or later, then set SLUICE_TOOLCHAIN=system";

/**
 * Folders to put on the PATH: none when the machine's own Node.js and pnpm will do, else those of the pinned
 * platform packages, which npm fetches once, checked against the hashes of the committed lock file. No install script runs.
 */
export async function findToolchain() {
  const mode = process.env.SLUICE_TOOLCHAIN ?? "auto";
  if (!["auto", "system", "pinned"].includes(mode)) {
    throw new Error(`SLUICE_TOOLCHAIN: expected auto, system or pinned, received "${mode}"`);
  }
  const isFit =
    isAtLeast(process.versions.node, NEEDED.node) && isAtLeast(versionOf("pnpm"), NEEDED.pnpm);
  if (mode === "system" && !isFit) {
    throw new Error(
      `SLUICE_TOOLCHAIN=system, but this is Node.js ${process.versions.node}, pnpm ${versionOf("pnpm") || "absent"}: ${ADVICE}`,
    );
  }
  if (mode === "system" || (mode === "auto" && isFit)) return [];
  return await pinnedFolders();
}

function isAtLeast(version, [major, minor]) {
  const [a = 0, b = 0] = version.split(".").map(Number);
  return a > major || (a === major && b >= minor);
}

function versionOf(command) {
  const { status, stdout } = spawnSync(command, ["--version"], { encoding: "utf8" });
  return status === 0 ? stdout.trim().replace(/^v/u, "") : "";
}

async function pinnedFolders() {
  const folder = join(root, ".tooling", lockDigest());
  const modules = join(folder, "node_modules");
  const platform = `${process.platform}-${process.arch}`;
  const bins = [
    join(modules, "@pnpm", `exe.${platform}`),
    join(modules, `node-${platform}`, "bin"),
  ];
  if (!bins.every((bin) => existsSync(bin))) await fetchPinned(folder);
  if (bins.every((bin) => existsSync(bin))) return bins;
  rmSync(folder, { recursive: true, force: true });
  throw new Error(`there is no pinned toolchain for ${platform}: ${ADVICE}`);
}

/** One folder per lock file and platform, so that a changed pin never meets an old download. */
export function lockDigest() {
  const lock = readFileSync(join(root, "tools", "toolchain", "package-lock.json"));
  const platform = `${process.platform}-${process.arch}`;
  return createHash("sha256").update(lock).update(platform).digest("hex").slice(0, 12);
}

async function fetchPinned(folder) {
  console.error(
    "[bootstrap] fetching the pinned Node.js and pnpm into .tooling (once, about 75 MB)",
  );
  const building = `${folder}.${process.pid}`;
  mkdirSync(building, { recursive: true });
  try {
    for (const file of ["package.json", "package-lock.json"]) {
      cpSync(join(root, "tools", "toolchain", file), join(building, file));
    }
    await mustRun(
      "npm",
      ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
      {
        env: childEnvironment([]),
        cwd: building,
        remedy: `the npm registry must be reachable the first time; or ${ADVICE}`,
      },
    );
    rmSync(folder, { recursive: true, force: true });
    renameSync(building, folder);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}
