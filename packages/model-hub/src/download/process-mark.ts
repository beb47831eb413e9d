import { readFile } from "node:fs/promises";

/**
 * When a process began, in the words of the system; with its id it names one process among all that ever had that id.
 * Null when it is gone, or dead and only not yet collected by its parent (in a container often for ever). "unknown"
 * for a living one on a system that does not tell.
 */
export async function readProcessMark(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null); // Gone, or no Linux.
  if (stat === null) return process.platform === "linux" ? null : markElsewhere(pid);
  // proc_pid_stat(5): "pid (name) state …", the name may hold anything; field 22 is starttime.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? null : (fields[19] ?? "unknown");
}

function markElsewhere(pid: number): string | null {
  try {
    process.kill(pid, 0);
    return "unknown";
  } catch (error) {
    // EPERM: it lives, as somebody else.
    return error instanceof Error && "code" in error && error.code === "EPERM" ? "unknown" : null;
  }
}
