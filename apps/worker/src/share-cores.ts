import type { EngineSettings } from "./engine/engine-settings.ts";

/**
 * How the engines of a worker share its cores, where the settings leave it to us (0). Decoding: one image more than there are
 * cores, so that a core has work while another image is being read; at least two per engine. ONNX Runtime: engines on the CPU take equal
 * parts, or they would take one another's cores, and engines that are bound to cores share those; one alone, and the threads of a GPU's
 * engine, which mostly wait, are left to it.
 */
export function shareCores(
  settings: { readonly decodeConcurrency: number; readonly intraOpThreads: number },
  machine: {
    readonly cores: number;
    readonly engines: number;
    readonly cpuEngines: number;
    readonly isCpu: boolean;
    /** The cores, and the engines, are those of one NUMA node: ONNX Runtime would count all of the machine's. */
    readonly isBound: boolean;
  },
): Pick<EngineSettings, "decodeSlots" | "intraOpThreads"> {
  const { cores, engines, cpuEngines, isCpu, isBound } = machine;
  const { decodeConcurrency, intraOpThreads } = settings;
  const part =
    isBound || (isCpu && cpuEngines > 1) ? Math.max(1, Math.floor(cores / cpuEngines)) : 0;
  return {
    decodeSlots: decodeConcurrency || Math.max(2, Math.ceil((cores + 1) / engines)),
    intraOpThreads: intraOpThreads || part,
  };
}
