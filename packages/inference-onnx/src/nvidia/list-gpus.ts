import { execFile } from "node:child_process";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseInformation, parseSmi, type Gpu } from "./gpu.ts";

export interface GpuInventory {
  /** Whether there is any sign of an NVIDIA driver. */
  readonly hasDriver: boolean;
  /** Ordered by PCI bus. */
  readonly gpus: readonly Gpu[];
  /** What went wrong while asking, for people; empty when nothing did. */
  readonly problems: readonly string[];
}

export interface InventoryPlaces {
  readonly smi: string;
  readonly procDir: string;
}

/** Where an NVIDIA driver shows itself on Linux. */
export const INVENTORY_PLACES: InventoryPlaces = {
  smi: "nvidia-smi",
  procDir: "/proc/driver/nvidia",
};

/** nvidia-smi waits for a driver that hangs. */
const SMI_TIMEOUT_MS = 10_000;
const MAX_OUTPUT_BYTES = 1 << 20;
const QUERY = ["--query-gpu=index,uuid,name,memory.total", "--format=csv,noheader,nounits"];

/** Asks nvidia-smi which GPUs there are, and the kernel driver where it does not answer. Never rejects: what fails is told. */
export async function listGpus(places: InventoryPlaces = INVENTORY_PLACES): Promise<GpuInventory> {
  const [smi, kernel] = await Promise.all([askSmi(places.smi), askKernel(places.procDir)]);
  const gpus = smi.gpus.length > 0 ? smi.gpus : kernel.gpus;
  return {
    hasDriver: smi.isThere || kernel.isThere,
    gpus: gpus.toSorted((a, b) => a.index - b.index),
    problems: smi.problem === null ? [] : [smi.problem],
  };
}

interface SmiAnswer {
  readonly isThere: boolean;
  readonly gpus: readonly Gpu[];
  readonly problem: string | null;
}

async function askSmi(program: string): Promise<SmiAnswer> {
  const limits = {
    timeout: SMI_TIMEOUT_MS,
    maxBuffer: MAX_OUTPUT_BYTES,
    killSignal: "SIGKILL",
  } as const;
  try {
    const { stdout } = await promisify(execFile)(program, QUERY, limits);
    return { isThere: true, gpus: parseSmi(stdout), problem: null };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ENOENT") return { isThere: false, gpus: [], problem: null };
    return { isThere: true, gpus: [], problem: `${program} failed: ${firstLine(error)}` };
  }
}

/** nvidia-smi explains itself on standard output. */
function firstLine(error: unknown): string {
  const said = error instanceof Error && "stdout" in error ? String(error.stdout).trim() : "";
  const text = said === "" ? (error instanceof Error ? error.message : String(error)) : said;
  return text.split("\n")[0]?.slice(0, 300) ?? "";
}

async function askKernel(procDir: string): Promise<{ isThere: boolean; gpus: readonly Gpu[] }> {
  try {
    await stat(procDir);
  } catch {
    return { isThere: false, gpus: [] }; // no kernel driver, or none that this process may see
  }
  const folder = join(procDir, "gpus");
  const buses = await readdir(folder).catch(() => []); // a driver without any GPU has no such folder
  const gpus = await Promise.all(
    buses
      .toSorted((a, b) => (a < b ? -1 : 1))
      .map(async (bus, index) => {
        const text = await readFile(join(folder, bus, "information"), "utf8").catch(() => "");
        return parseInformation(text, index);
      }),
  );
  return { isThere: true, gpus: gpus.filter((gpu) => gpu !== null) };
}
