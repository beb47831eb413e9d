import { READS_PER_DECODER } from "@sluice/inference";
import type { EngineSettings } from "./engine/engine-settings.ts";

/**
 * How the engines of a worker share its cores, where the settings leave it to us (0). Decoding: one image more than there are
 * cores, so that a core has work while another image is on its way between two steps; at least two per engine. Reading: some more, which cost
 * memory and no core. ONNX Runtime: engines on the CPU take equal
 * parts, or they would take one another's cores, and engines that are bound to cores share those; one alone, and the threads of a GPU's
 * engine, which mostly wait, are left to it.
 */
export function shareCores(
  settings: {
    readonly readConcurrency: number;
    readonly decodeConcurrency: number;
    readonly intraOpThreads: number;
  },
  machine: {
    readonly cores: number;
    readonly engines: number;
    readonly cpuEngines: number;
    readonly isCpu: boolean;
    /** The cores, and the engines, are those of one NUMA node: ONNX Runtime would count all of the machine's. */
    readonly isBound: boolean;
  },
): Pick<EngineSettings, "readSlots" | "decodeSlots" | "intraOpThreads"> {
  const { cores, engines, cpuEngines, isCpu, isBound } = machine;
  const { readConcurrency, decodeConcurrency, intraOpThreads } = settings;
  const part =
    isBound || (isCpu && cpuEngines > 1) ? Math.max(1, Math.floor(cores / cpuEngines)) : 0;
  const decodeSlots = decodeConcurrency || Math.max(2, Math.ceil((cores + 1) / engines));
  return {
    readSlots: readConcurrency || READS_PER_DECODER * decodeSlots,
    decodeSlots,
    intraOpThreads: intraOpThreads || part,
  };
}
