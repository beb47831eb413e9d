import { cpus as cores } from "node:os";
import { ConfigError, nameDevice, type DeviceChoice, type DeviceList } from "@sluice/config";
import type { CpuInventory, Gpu, GpuInventory } from "@sluice/inference-onnx";

/** How an engine is bound to its device: ONNX Runtime's provider, and what its process must find in its environment. */
export interface PinnedDevice {
  /** As configured: `cpu`, `cuda:0`. */
  readonly name: string;
  readonly provider: DeviceChoice["provider"];
  readonly env: Readonly<Record<string, string>>;
  /** Cores that its process is bound to; null: any. */
  readonly cpus: readonly number[] | null;
  /** Of the hardware. */
  readonly hardware: string;
  /** The GPU's; null where nobody told, and for the CPU. */
  readonly memoryBytes: number | null;
}

export interface Machine {
  readonly inventory: GpuInventory;
  readonly cpu: CpuInventory;
  /** `CUDA_VISIBLE_DEVICES` of this process: what systemd or Kubernetes allow it. Numbers count within that list. */
  readonly outer: string | undefined;
}

export interface ChosenDevices {
  /** One per engine, at least one. */
  readonly devices: readonly PinnedDevice[];
  /** `auto` found a machine without any sign of a GPU. */
  readonly isCpuForWantOfGpu: boolean;
}

/**
 * Binds each engine to its device. GPUs are numbered by PCI bus, as nvidia-smi lists them, and an engine sees only its own: in there it
 * is number 0. An outer `CUDA_VISIBLE_DEVICES` is obeyed. `auto` is every GPU that is visible; the CPU only where there is no driver
 * at all and nobody spoke of GPUs.
 *
 * @throws ConfigError when the outer list has no such GPU, `auto` finds a driver and no GPU, or the machine no such NUMA node
 */
export function chooseDevices(list: DeviceList, machine: Machine): ChosenDevices {
  if (list !== "auto") {
    return { devices: list.map((choice) => pin(choice, machine)), isCpuForWantOfGpu: false };
  }
  const gpus = findAll(machine);
  if (gpus.length > 0) {
    const devices = gpus.map((gpu) => pin({ provider: "cuda", gpu }, machine));
    return { devices, isCpuForWantOfGpu: false };
  }
  if (!machine.inventory.hasDriver && machine.outer === undefined) {
    return { devices: [pin({ provider: "cpu", node: null }, machine)], isCpuForWantOfGpu: true };
  }
  throw new ConfigError("the environment", [explainNone(machine)]);
}

/** Places in the outer list, or numbers of all GPUs that are there. */
function findAll({ inventory, outer }: Machine): string[] {
  if (outer === undefined) return inventory.gpus.map(({ index }) => String(index));
  return allowedBy(outer).map((_, place) => String(place));
}

function pin(choice: DeviceChoice, machine: Machine): PinnedDevice {
  const name = nameDevice(choice);
  if (choice.provider === "cpu") {
    const hardware = cores()[0]?.model.trim() ?? "unknown";
    const cpus = choice.node === null ? null : chooseCpus(choice.node, name, machine.cpu);
    return { name, provider: "cpu", env: {}, cpus, hardware, memoryBytes: null };
  }
  const visible = chooseGpu(choice.gpu, name, machine.outer);
  const gpu = describe(visible, machine.inventory.gpus);
  return {
    name,
    provider: choice.provider,
    env: { CUDA_DEVICE_ORDER: "PCI_BUS_ID", CUDA_VISIBLE_DEVICES: visible },
    cpus: null,
    hardware: gpu?.name ?? "unknown",
    memoryBytes: gpu?.memoryBytes ?? null,
  };
}

function chooseCpus(
  wanted: number,
  device: string,
  { nodes, canPin }: CpuInventory,
): readonly number[] {
  const found = nodes.find(({ node }) => node === wanted);
  if (found !== undefined && canPin) return found.cpus;
  const here = nodes.map(({ node }) => node).join(", ");
  const why =
    found === undefined
      ? `this machine lets the process use these NUMA nodes: ${here === "" ? "none that it tells" : here}`
      : "binding a process to its cores needs taskset (util-linux), which is not there";
  throw new ConfigError("the environment", [
    `worker.devices names ${device}, and ${why}; set it to cpu to use all cores`,
  ]);
}

function chooseGpu(gpu: string, device: string, outer: string | undefined): string {
  if (outer === undefined) return gpu;
  const allowed = allowedBy(outer);
  const found = /^\d+$/u.test(gpu)
    ? allowed[Number(gpu)]
    : allowed.find((entry) => entry.toLowerCase() === gpu.toLowerCase());
  if (found !== undefined) return found;
  throw new ConfigError("the environment", [
    `worker.devices names ${device}, and CUDA_VISIBLE_DEVICES=${outer} lets this process see no such GPU; numbers count within that list, from 0`,
  ]);
}

/** CUDA reads the list up to the first entry that is none: `-1`, `NoDevFiles`, nothing. */
function allowedBy(outer: string): string[] {
  const entries = outer.split(",").map((entry) => entry.trim());
  const end = entries.findIndex((entry) => !/^(?:\d+$|GPU-|MIG-)/u.test(entry));
  return end === -1 ? entries : entries.slice(0, end);
}

function describe(visible: string, gpus: readonly Gpu[]): Gpu | null {
  const key = visible.toLowerCase();
  return (
    gpus.find(({ index, uuid }) => String(index) === visible || uuid.toLowerCase() === key) ?? null
  );
}

function explainNone({ inventory, outer }: Machine): string {
  const remedy = "set worker.devices to cpu if the CPU is meant, or run `sluice doctor`";
  if (outer !== undefined) {
    return `worker.devices is auto, and CUDA_VISIBLE_DEVICES=${JSON.stringify(outer)} lets this process see no GPU; ${remedy}`;
  }
  const why = inventory.problems.length > 0 ? ` (${inventory.problems.join("; ")})` : "";
  return `worker.devices is auto, and an NVIDIA driver is there (nvidia-smi or /proc/driver/nvidia) that lists no GPU${why}; ${remedy}`;
}
