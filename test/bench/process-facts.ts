import { readdir, readFile } from "node:fs/promises";

/** Megabytes that a process holds in memory. Linux only. */
export async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/mu.exec(status)?.[1]) / 1024;
}

/** The most megabytes that a process has held so far. Linux only. */
export async function peakMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/mu.exec(status)?.[1]) / 1024;
}

const TICKS_PER_SECOND = 100; // USER_HZ, the same on every Linux that Node runs on

/** CPU seconds of each thread by its id, with the name that the kernel has for it. Linux only. */
export async function threadSeconds(pid: number): Promise<ReadonlyMap<string, ThreadTime>> {
  const times = new Map<string, ThreadTime>();
  for (const id of await readdir(`/proc/${pid}/task`)) {
    const stat = await readFile(`/proc/${pid}/task/${id}/stat`, "utf8").catch(() => null);
    if (stat === null) continue; // it has ended
    const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = Number(fields[11]) + Number(fields[12]); // utime and stime, proc(5)
    times.set(id, { name, seconds: ticks / TICKS_PER_SECOND });
  }
  return times;
}

export interface ThreadTime {
  readonly name: string;
  readonly seconds: number;
}
