/** What one engine computes on. */
export type DeviceChoice =
  | {
      readonly provider: "cpu";
      /** NUMA node whose cores alone it uses, in most machines a socket; null: all cores. */
      readonly node: number | null;
    }
  | {
      readonly provider: "cuda" | "tensorrt";
      /** Number of the GPU by PCI bus, or its UUID as nvidia-smi lists it. */
      readonly gpu: string;
    };

/** One engine per entry; `auto`: one per GPU that is there. */
export type DeviceList = "auto" | readonly DeviceChoice[];

export const MAX_DEVICES = 64;

const CPU = /^cpu$/u;
const FIRST = /^(?<provider>cpu|cuda|tensorrt):(?<which>.+)$/u;
const NODE = /^\d{1,4}$/u;
const GPU = /^(?:\d{1,3}|GPU-[0-9a-fA-F-]{8,64}|MIG-[0-9a-zA-Z/-]{8,128})$/u;

/**
 * Reads `auto`, or devices with commas between them: `cpu`, `cpu:0`, `cuda:0`, `cuda:GPU-<uuid>`, `tensorrt:0`. A bare number or UUID goes
 * with the provider before it, so `cuda:0,1` are two GPUs, `cpu:0,1` two NUMA nodes. `cpu,cpu` are two engines on the CPU; a GPU stands
 * there once.
 *
 * @returns null when it is none of that
 */
export function parseDeviceList(text: string): DeviceList | null {
  if (text.trim() === "auto") return "auto";
  const devices: DeviceChoice[] = [];
  let provider: string | null = null;
  for (const entry of text.split(",").map((part) => part.trim())) {
    if (CPU.test(entry)) {
      provider = null;
      devices.push({ provider: "cpu", node: null });
      continue;
    }
    const groups = FIRST.exec(entry)?.groups;
    provider = groups?.["provider"] ?? provider;
    const device = parseDevice(provider, groups?.["which"] ?? entry);
    if (device === null) return null;
    devices.push(device);
  }
  return devices.length <= MAX_DEVICES && !hasGpuTwice(devices) ? devices : null;
}

function parseDevice(provider: string | null, which: string): DeviceChoice | null {
  if (provider === "cpu") return NODE.test(which) ? { provider, node: Number(which) } : null;
  if (provider !== "cuda" && provider !== "tensorrt") return null;
  return GPU.test(which) ? { provider, gpu: which } : null;
}

/** The name under which a device is configured, logged and exported. */
export function nameDevice(device: DeviceChoice): string {
  if (device.provider !== "cpu") return `${device.provider}:${device.gpu}`;
  return device.node === null ? "cpu" : `cpu:${device.node}`;
}

/** Two engines on one GPU would take one another's memory. */
function hasGpuTwice(devices: readonly DeviceChoice[]): boolean {
  const gpus = devices.flatMap((device) => ("gpu" in device ? [device.gpu.toLowerCase()] : []));
  return new Set(gpus).size < gpus.length;
}
