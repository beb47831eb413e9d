import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { nameDevice, type DeviceChoice, type DeviceList } from "@sluice/config";
import type { CpuInventory, GpuInventory, RuntimeFacts } from "@sluice/inference-onnx";
import { findMissing, type LoaderPlaces } from "../elf/loader.ts";
import { broken, ok, warning, type Finding } from "../finding.ts";
import { checkCpuNodes } from "./check-cpu-nodes.ts";
import { remedyFor } from "./library-remedies.ts";

export interface DeviceSurroundings {
  readonly inventory: GpuInventory;
  readonly cpu: CpuInventory;
  readonly runtime: Pick<RuntimeFacts, "binFolder" | "packageFolder" | "backends" | "version">;
  readonly places: LoaderPlaces;
  /** `CUDA_VISIBLE_DEVICES` of this process. */
  readonly outer: string | undefined;
  /** `/proc/driver/nvidia/version`; null where there is none. */
  readonly driverVersion: string | null;
}

/** What the driver says of itself; null where there is none. */
export async function readDriverVersion(): Promise<string | null> {
  return await readFile("/proc/driver/nvidia/version", "utf8").catch(() => null);
}

/** Whether each configured device could work: driver, GPU, ONNX Runtime's library for it, and all that this library needs. */
export async function checkDevices(
  list: DeviceList,
  surroundings: DeviceSurroundings,
): Promise<readonly Finding[]> {
  const { inventory, outer } = surroundings;
  if (list === "auto") {
    if (!inventory.hasDriver && outer === undefined) {
      const remedy =
        "set worker.devices to cpu to say that this is meant, or install a GPU's driver";
      return [warning("devices", "auto, and there is no sign of a GPU: the CPU is used", remedy)];
    }
    const gpus = inventory.gpus.map(
      ({ index }) => ({ provider: "cuda", gpu: String(index) }) as const,
    );
    return [
      checkDriver(surroundings),
      ...findGpus(gpus, surroundings),
      ...(await checkProvider("cuda", surroundings)),
    ];
  }
  const gpus = list.filter((device) => device.provider !== "cpu");
  const nodes = checkCpuNodes(list, surroundings.cpu);
  if (gpus.length === 0) return [...nodes, ok("devices", list.map(nameDevice).join(", "))];
  const providers = new Set(gpus.map(({ provider }) => provider));
  const libraries = await Promise.all(
    [...providers].map(async (provider) => await checkProvider(provider, surroundings)),
  );
  return [
    ...nodes,
    checkDriver(surroundings),
    ...findGpus(gpus, surroundings),
    ...libraries.flat(),
  ];
}

/** What CUDA 13 asks for. */
const LEAST_DRIVER = 580;

function checkDriver({ inventory, driverVersion }: DeviceSurroundings): Finding {
  const what = "NVIDIA driver";
  const problem = inventory.problems.join("; ");
  if (!inventory.hasDriver) {
    const remedy = `install NVIDIA's driver, ${LEAST_DRIVER} or newer; in a container, run it with GPUs (docker run --gpus all)`;
    return broken(what, "there is none: no nvidia-smi and no /proc/driver/nvidia", remedy);
  }
  if (inventory.gpus.length === 0) {
    const remedy = "look at dmesg, and restart after an update of the driver";
    return broken(what, `it lists no GPU${problem === "" ? "" : ` (${problem})`}`, remedy);
  }
  const version = /(?<version>\d{3,4})\.\d+(?:\.\d+)?/u.exec(driverVersion ?? "");
  if (version === null) return ok(what, "it answers; its version is not told");
  if (Number(version.groups?.["version"]) < LEAST_DRIVER) {
    return broken(what, version[0], `install ${LEAST_DRIVER} or newer, which CUDA 13 needs`);
  }
  return problem === "" ? ok(what, version[0]) : warning(what, version[0], problem);
}

type GpuChoice = Extract<DeviceChoice, { gpu: string }>;

function findGpus(
  choices: readonly GpuChoice[],
  { inventory, outer }: DeviceSurroundings,
): readonly Finding[] {
  if (inventory.gpus.length === 0) return []; // the driver's finding says it
  const allowed = outer?.split(",").map((entry) => entry.trim());
  return choices.map((choice) => {
    const what = nameDevice(choice);
    const isNumber = /^\d+$/u.test(choice.gpu);
    const wanted = allowed === undefined || !isNumber ? choice.gpu : allowed[Number(choice.gpu)];
    const gpu = inventory.gpus.find(
      ({ index, uuid }) => String(index) === wanted || uuid.toLowerCase() === wanted?.toLowerCase(),
    );
    if (gpu === undefined) {
      const here = inventory.gpus.map(({ index, uuid }) => `${index} (${uuid})`).join(", ");
      const list = outer === undefined ? "" : `, of which CUDA_VISIBLE_DEVICES=${outer} is seen`;
      return broken(what, "there is no such GPU", `here are ${here === "" ? "none" : here}${list}`);
    }
    const memory = gpu.memoryBytes === null ? "" : `, ${Math.round(gpu.memoryBytes / 2 ** 30)} GiB`;
    return ok(what, `${gpu.name}${memory}`);
  });
}

/** Libraries that are opened at run time, so that no header names them: without cuDNN there is no convolution. */
const OPENED_LATER: Readonly<Record<GpuChoice["provider"], readonly string[]>> = {
  cuda: ["libcudnn.so.9"],
  tensorrt: ["libcudnn.so.9"],
};

async function checkProvider(
  provider: GpuChoice["provider"],
  { runtime, places }: DeviceSurroundings,
): Promise<readonly Finding[]> {
  const what = `${provider} libraries`;
  if (!runtime.backends.some(({ name }) => name === provider)) {
    const remedy = "GPUs are supported on Linux on x86-64 only";
    return [broken(what, "ONNX Runtime's binding for this system knows no such provider", remedy)];
  }
  const providers = provider === "tensorrt" ? ["tensorrt", "cuda"] : ["cuda"];
  const files = ["shared", ...providers].map((name) => `libonnxruntime_providers_${name}.so`);
  const absent = await filterAbsent(runtime.binFolder, files);
  if (absent.length > 0) {
    const script = join(runtime.packageFolder, "script", "install.js");
    const remedy = `fetch them: node ${script} --onnxruntime-node-install; without a network copy the files of exactly version ${runtime.version} there (NuGet Microsoft.ML.OnnxRuntime.Gpu.Linux)`;
    return [broken(what, `${runtime.binFolder} lacks ${absent.join(", ")}`, remedy)];
  }
  const missing = new Set<string>();
  for (const file of files) {
    const also = file.endsWith("_shared.so") ? [] : OPENED_LATER[provider];
    for (const { name } of await findMissing(join(runtime.binFolder, file), places, also)) {
      missing.add(name);
    }
  }
  if (missing.size === 0) return [ok(what, "all that they need is there")];
  return [broken(what, `missing: ${[...missing].join(", ")}`, remedyFor([...missing]))];
}

async function filterAbsent(folder: string, files: readonly string[]): Promise<string[]> {
  const checked = await Promise.all(
    files.map(async (file) =>
      access(join(folder, file)).then(
        () => [],
        () => [file],
      ),
    ),
  );
  return checked.flat();
}
