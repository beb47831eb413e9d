import { spawnSync } from "node:child_process";
import { accessSync, chmodSync, constants, existsSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Debian's packages start their servers when they are installed; a policy script that answers 101 keeps them from that. */
const POLICY = "/usr/sbin/policy-rc.d";

/**
 * The path of a program that tests need, installed from its Debian package where it is absent. Throws with what to install where that is
 * not possible.
 */
export function requireProgram(name: string, debianPackage: string): string {
  const found = findProgram(name);
  if (found !== undefined) return found;
  const isPolicyOurs = !existsSync(POLICY);
  try {
    if (isPolicyOurs) {
      writeFileSync(POLICY, "#!/bin/sh\nexit 101\n");
      chmodSync(POLICY, 0o755);
    }
    apt("update", "-qq");
    apt("install", "-y", "-qq", "--no-install-recommends", debianPackage);
  } finally {
    if (isPolicyOurs) rmSync(POLICY, { force: true });
  }
  const installed = findProgram(name);
  if (installed !== undefined) return installed;
  throw new Error(`${name} is missing: install the Debian package ${debianPackage}`);
}

function apt(...args: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const { status, stdout, stderr } = spawnSync("apt-get", args, { env, encoding: "utf8" });
  if (status === 0) return;
  const tail = `${stdout}${stderr}`.trim().split("\n").slice(-3).join("; ");
  throw new Error(`apt-get ${args.join(" ")} ended with ${String(status)}: ${tail}`);
}

/** Administrators' programs are not on everybody's path. */
const MORE_FOLDERS = ["/usr/sbin", "/sbin"];

function findProgram(name: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), ...MORE_FOLDERS];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // absent or not ours to run: the next folder is asked
  }
}
