import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/** A socket with its memory, or a part of one: a NUMA node. */
export interface CpuNode {
  readonly node: number;
  /** Numbers of its cores that this process may use, ascending; at least one. */
  readonly cpus: readonly number[];
}

export interface CpuInventory {
  readonly nodes: readonly CpuNode[];
  /** Whether `taskset` (util-linux) is there: Node.js cannot bind a process to cores itself. */
  readonly canPin: boolean;
}

export interface CpuPlaces {
  readonly nodesDir: string;
  /** Tells in `Cpus_allowed_list` what a container or systemd leaves to this process. */
  readonly statusFile: string;
  readonly taskset: string;
}

/** Where Linux shows its NUMA nodes. */
export const CPU_PLACES: CpuPlaces = {
  nodesDir: "/sys/devices/system/node",
  statusFile: "/proc/self/status",
  taskset: "taskset",
};

/** Never rejects: where there is no Linux there are no nodes. */
export async function listCpuNodes(places: CpuPlaces = CPU_PLACES): Promise<CpuInventory> {
  const status = await readFile(places.statusFile, "utf8").catch(() => "");
  const allowed = new Set(parseCpuList(/^Cpus_allowed_list:\s+(\S+)$/mu.exec(status)?.[1] ?? ""));
  const names = await readdir(places.nodesDir).catch(() => []);
  const nodes = await Promise.all(
    names
      .filter((name) => /^node\d{1,4}$/u.test(name))
      .map(async (name) => {
        const text = await readFile(join(places.nodesDir, name, "cpulist"), "utf8").catch(() => "");
        const cpus = parseCpuList(text.trim()).filter((cpu) => allowed.has(cpu));
        return { node: Number(name.slice("node".length)), cpus };
      }),
  );
  return {
    // Memory without cores of its own is a node, too, and nothing can run there.
    nodes: nodes.filter(({ cpus }) => cpus.length > 0).toSorted((a, b) => a.node - b.node),
    canPin: await answers(places.taskset),
  };
}

/** More than any machine has; a list that says so is not believed. */
const MAX_CPU = 65_535;

/** `0-3,8` is 0, 1, 2, 3 and 8. Parts that are something else say nothing. */
export function parseCpuList(text: string): readonly number[] {
  return text.split(",").flatMap((part) => {
    const { first, last } = /^(?<first>\d{1,5})(?:-(?<last>\d{1,5}))?$/u.exec(part)?.groups ?? {};
    if (first === undefined) return [];
    const [from, to] = [Number(first), Math.min(MAX_CPU, Number(last ?? first))];
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
  });
}

async function answers(program: string): Promise<boolean> {
  try {
    await promisify(execFile)(program, ["--version"], { timeout: 10_000 });
    return true;
  } catch {
    return false; // not there, or none that works
  }
}
