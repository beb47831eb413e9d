/** One NVIDIA GPU, as the driver tells of it. */
export interface Gpu {
  /** By PCI bus from 0, as nvidia-smi lists them and as CUDA counts with `CUDA_DEVICE_ORDER=PCI_BUS_ID`. */
  readonly index: number;
  readonly uuid: string;
  readonly name: string;
  /** Null where only nvidia-smi could tell and it is not there. */
  readonly memoryBytes: number | null;
}

const MAX_GPUS = 64;
const SMI_LINE =
  /^(?<index>\d{1,3}), (?<uuid>GPU-[0-9a-fA-F-]{8,64}), (?<name>[^,]{1,200}), (?<mebibytes>\d{1,9}|\[.{1,40}\])$/u;

/** What `nvidia-smi --query-gpu=index,uuid,name,memory.total --format=csv,noheader,nounits` printed; other lines say nothing. */
export function parseSmi(text: string): Gpu[] {
  const gpus: Gpu[] = [];
  for (const line of text.split("\n")) {
    const { index, uuid, name, mebibytes } = SMI_LINE.exec(line.trim())?.groups ?? {};
    if (index === undefined || uuid === undefined || name === undefined) continue;
    const size = Number(mebibytes); // not a number where a driver does not tell: "[N/A]"
    const memoryBytes = Number.isSafeInteger(size) ? size * 2 ** 20 : null;
    gpus.push({ index: Number(index), uuid, name, memoryBytes });
    if (gpus.length === MAX_GPUS) break;
  }
  return gpus;
}

/** A driver's `/proc/driver/nvidia/gpus/<bus>/information`; null when it is something else. */
export function parseInformation(text: string, index: number): Gpu | null {
  const name = /^Model:\s+(?<name>.{1,200})$/mu.exec(text)?.groups?.["name"];
  const uuid = /^GPU UUID:\s+(?<uuid>GPU-[0-9a-fA-F-]{8,64})$/mu.exec(text)?.groups?.["uuid"];
  if (name === undefined || uuid === undefined) return null;
  return { index, uuid, name: name.trim(), memoryBytes: null };
}
