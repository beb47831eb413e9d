import { readdir, readFile } from "node:fs/promises";

/** Process ids of a process' children whose command line contains `text`. Linux only. */
export async function findChildren(pid: number, text: string): Promise<readonly number[]> {
  const children = await listChildren(pid);
  const lines = await Promise.all(children.map(readCommandLine));
  return children.filter((_, index) => lines[index]?.includes(text));
}

async function listChildren(pid: number): Promise<readonly number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(
    threads.map((thread) =>
      readFile(`/proc/${pid}/task/${thread}/children`, "utf8").catch(() => ""),
    ),
  );
  return lists
    .join(" ")
    .split(/\s+/u)
    .filter((word) => word !== "")
    .map(Number);
}

async function readCommandLine(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " ");
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // no such process
  }
}
