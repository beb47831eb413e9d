import { spawn, spawnSync } from "node:child_process";
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import { RedisMissingError } from "./errors.ts";

const SERVERS = ["redis-server", "valkey-server"];

export interface FindOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told before something is installed, because that takes a while. */
  readonly onInstall: (message: string) => void;
}

/**
 * The server program to run: redis-server or valkey-server on the PATH; else installed with the system's package
 * manager where that is possible without asking (root on Debian or Ubuntu).
 *
 * @throws RedisMissingError with the three ways out
 */
export async function findOrInstallRedis(options: FindOptions): Promise<string> {
  const found = findOnPath(options.env);
  if (found !== null) return found;
  if (canInstall()) {
    options.onInstall("no redis-server on the PATH: installing Debian's package (once)");
    await installPackage();
    const installed = findOnPath(options.env);
    if (installed !== null) return installed;
  }
  throw new RedisMissingError(
    "there is no Redis: (1) set SLUICE_REDIS_URL to one that is yours, or (2) install redis-server or valkey-server with your package manager so that it is on the PATH, or (3) run this as root on Debian or Ubuntu, where it is installed by itself",
  );
}

export function findOnPath(env: FindOptions["env"]): string | null {
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const name of SERVERS) {
    const path = folders.map((folder) => join(folder, name)).find(isExecutable);
    if (path !== undefined) return path;
  }
  return null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // absent or not ours to run: the next folder is asked
  }
}

function canInstall(): boolean {
  if (process.getuid?.() !== 0 || !existsSync("/etc/os-release")) return false;
  const isDebian = /^ID(?:_LIKE)?=.*\b(?:debian|ubuntu)\b/mu.test(
    readFileSync("/etc/os-release", "utf8"),
  );
  return isDebian && spawnSync("apt-get", ["--version"]).status === 0;
}

/**
 * Debian's package starts a server on port 6379 when it is installed. A policy script that answers 101 ("action
 * forbidden") keeps that from happening; one that the administrator has put there stays as it is.
 */
async function installPackage(): Promise<void> {
  const policy = "/usr/sbin/policy-rc.d";
  const isOurs = !existsSync(policy);
  try {
    if (isOurs) {
      writeFileSync(policy, "#!/bin/sh\nexit 101\n");
      chmodSync(policy, 0o755);
    }
    await runApt(["update", "-qq"]);
    await runApt(["install", "-y", "-qq", "--no-install-recommends", "redis-server"]);
  } finally {
    if (isOurs) rmSync(policy, { force: true });
  }
}

async function runApt(args: readonly string[]): Promise<void> {
  const output: string[] = [];
  const code = await new Promise<number>((resolve) => {
    const child = spawn("apt-get", args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
    child.stdout.on("data", (chunk: Buffer) => output.push(chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => output.push(chunk.toString()));
    child.on("error", () => resolve(-1));
    child.on("close", (exitCode) => resolve(exitCode ?? -1));
  });
  if (code !== 0) {
    const tail = output.join("").trim().split("\n").slice(-3).join("; ");
    throw new RedisMissingError(
      `could not install redis-server (apt-get ${args[0] ?? ""} ended with ${code}: ${tail}); install it yourself, or set SLUICE_REDIS_URL`,
    );
  }
}
