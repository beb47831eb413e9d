import { readFileSync, readlinkSync } from "node:fs";

/**
 * Claims by processes in other containers, which cannot be seen, count as abandoned when they were not renewed for
 * this time. Several times the interval of renewing, so that a busy disk kills nobody.
 */
const FOREIGN_CLAIM_MS = 15_000;

/**
 * Names this process so that a later one can tell whether it still lives: boot, process id namespace, process id and
 * start time (process ids are used again). Linux; elsewhere the process id alone.
 */
export function ownIdentity(): string {
  return JSON.stringify([bootId(), namespace(), process.pid, startTime(process.pid)]);
}

/** False when the process of that identity has certainly ended, or cannot be seen and claimed too long ago. */
export function isClaimAlive(
  identity: string,
  { claimedAtMs, nowMs }: { readonly claimedAtMs: number; readonly nowMs: number },
): boolean {
  const [boot, space, pid, started] = parse(identity);
  if (boot !== bootId()) return false;
  if (space !== namespace()) return nowMs - claimedAtMs < FOREIGN_CLAIM_MS;
  return typeof pid === "number" && startTime(pid) === started;
}

function parse(identity: string): readonly unknown[] {
  const value: unknown = JSON.parse(identity);
  return Array.isArray(value) ? value : [];
}

function bootId(): string {
  return read(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
}

function namespace(): string {
  return read(() => readlinkSync("/proc/self/ns/pid"));
}

/** Field 22 of /proc/<pid>/stat, in clock ticks since boot; the name in field 2 may hold spaces and parentheses. */
function startTime(pid: number): string {
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? "" : (fields[19] ?? ""); // a zombie has ended, its parent just has not looked yet
}

function read(what: () => string): string {
  try {
    return what();
  } catch {
    return ""; // no /proc, or no such process: then there is nothing to compare with
  }
}
