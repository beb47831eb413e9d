/** What one engine computes on. */
export type DeviceChoice =
  | { readonly provider: "cpu" }
  | {
      readonly provider: "cuda" | "tensorrt";
      /** Number of the GPU by PCI bus, or its UUID as nvidia-smi lists it. */
      readonly gpu: string;
    };

/** One engine per entry; `auto`: one per GPU that is there. */
export type DeviceList = "auto" | readonly DeviceChoice[];

export const MAX_DEVICES = 64;

const CPU = /^cpu$/u;
const FIRST = /^(?<provider>cuda|tensorrt):(?<gpu>.+)$/u;
const GPU = /^(?:\d{1,3}|GPU-[0-9a-fA-F-]{8,64}|MIG-[0-9a-zA-Z/-]{8,128})$/u;

/**
 * Reads `auto`, or devices with commas between them: `cpu`, `cuda:0`, `cuda:GPU-<uuid>`, `tensorrt:0`. A bare number or UUID goes with
 * the provider before it, so `cuda:0,1` are two GPUs. `cpu,cpu` are two engines on the CPU; a GPU stands there once.
 *
 * @returns null when it is none of that
 */
export function parseDeviceList(text: string): DeviceList | null {
  if (text.trim() === "auto") return "auto";
  const devices: DeviceChoice[] = [];
  let provider: "cuda" | "tensorrt" | null = null;
  for (const entry of text.split(",").map((part) => part.trim())) {
    if (CPU.test(entry)) {
      provider = null;
      devices.push({ provider: "cpu" });
      continue;
    }
    const groups = FIRST.exec(entry)?.groups;
    if (groups !== undefined) provider = groups["provider"] === "cuda" ? "cuda" : "tensorrt";
    const gpu = groups?.["gpu"] ?? entry;
    if (provider === null || !GPU.test(gpu)) return null;
    devices.push({ provider, gpu });
  }
  return devices.length <= MAX_DEVICES && !hasGpuTwice(devices) ? devices : null;
}

/** The name under which a device is configured, logged and exported. */
export function nameDevice(device: DeviceChoice): string {
  return device.provider === "cpu" ? "cpu" : `${device.provider}:${device.gpu}`;
}

/** Two engines on one GPU would take one another's memory. */
function hasGpuTwice(devices: readonly DeviceChoice[]): boolean {
  const gpus = devices.flatMap((device) => ("gpu" in device ? [device.gpu.toLowerCase()] : []));
  return new Set(gpus).size < gpus.length;
}
