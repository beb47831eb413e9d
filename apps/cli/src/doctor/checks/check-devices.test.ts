import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDeviceList } from "@sluice/config";
import { afterEach, beforeEach, expect, test } from "vitest";
import { encodeTinyElf } from "../../testing/tiny-elf.ts";
import { checkDevices, type DeviceSurroundings } from "./check-devices.ts";

const GPU = { index: 0, uuid: "GPU-3f1c9a2e-8d4b", name: "NVIDIA L4", memoryBytes: 24 * 2 ** 30 };
const BACKENDS = ["cpu", "cuda", "tensorrt"].map((name) => ({ name, isBundled: name === "cpu" }));

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-doctor-"));
});
afterEach(async () => await rm(folder, { recursive: true }));

/** Provider libraries that need what those of onnxruntime-node 1.30 do. */
async function installProviders(names: readonly string[]): Promise<void> {
  const needed: Record<string, readonly string[]> = {
    shared: ["libc.so.6"],
    cuda: [
      "libcublasLt.so.13",
      "libcublas.so.13",
      "libcurand.so.10",
      "libcudart.so.13",
      "libcuda.so.1",
    ],
    tensorrt: ["libnvinfer.so.10", "libnvonnxparser.so.10", "libcudnn.so.9"],
  };
  for (const name of names) await place(`libonnxruntime_providers_${name}.so`, needed[name] ?? []);
}

async function place(name: string, needed: readonly string[] = []): Promise<void> {
  await writeFile(join(folder, name), encodeTinyElf({ needed }));
}

/** A machine with one GPU and a new driver, whose loader looks into the folder alone. */
function machine(changes: Partial<DeviceSurroundings> = {}): DeviceSurroundings {
  return {
    inventory: { hasDriver: true, gpus: [GPU], problems: [] },
    cpu: { nodes: [{ node: 0, cpus: [0, 1, 2] }], canPin: true },
    runtime: {
      binFolder: folder,
      packageFolder: "/package",
      backends: BACKENDS,
      version: "1.30.0",
    },
    places: { environment: [folder], cache: new Map(), standard: [] },
    outer: undefined,
    driverVersion: "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.65.06  Tue Jul\n",
    ...changes,
  };
}

async function check(devices: string, changes: Partial<DeviceSurroundings> = {}) {
  const findings = await checkDevices(parseDeviceList(devices) ?? [], machine(changes));
  return Object.fromEntries(findings.map((finding) => [finding.what, finding]));
}

test("a NUMA node must be there, and taskset to bind an engine to it", async () => {
  const both = await check("cpu:0,1");
  expect(both["cpu:0"]).toMatchObject({ state: "ok", found: "3 cores" });
  expect(both["cpu:1"]).toMatchObject({ state: "broken", found: "there is no such NUMA node" });
  const cpu = { nodes: [{ node: 0, cpus: [0] }], canPin: false };
  const { "cpu:0": unbound } = await check("cpu:0", { cpu });
  expect(unbound).toMatchObject({ state: "broken", remedy: "install util-linux" });
});

test("the CPU asks for nothing", async () => {
  const none = { hasDriver: false, gpus: [], problems: [] };
  expect(await check("cpu,cpu", { inventory: none })).toMatchObject({
    devices: { state: "ok", found: "cpu, cpu" },
  });
});

test("a GPU with all that it needs is well", async () => {
  await installProviders(["shared", "cuda"]);
  for (const name of ["libc.so.6", "libcublas.so.13", "libcurand.so.10", "libcudart.so.13"])
    await place(name);
  for (const name of ["libcublasLt.so.13", "libcuda.so.1", "libcudnn.so.9"]) await place(name);
  const found = await check("cuda:0");
  expect(Object.values(found).map(({ state }) => state)).toEqual(["ok", "ok", "ok"]);
  expect(found["cuda:0"]?.found).toBe("NVIDIA L4, 24 GiB");
  expect(found["NVIDIA driver"]?.found).toBe("580.65.06");
});

test("libraries that are missing are named, with where they come from", async () => {
  await installProviders(["shared", "cuda"]);
  await place("libc.so.6");
  await place("libcuda.so.1");
  const { "cuda libraries": found } = await check("cuda:0");
  expect(found).toMatchObject({
    state: "broken",
    found:
      "missing: libcublasLt.so.13, libcublas.so.13, libcurand.so.10, libcudart.so.13, libcudnn.so.9",
  });
  expect(found?.remedy).toContain(
    "apt install libcublas-13-0 libcurand-13-0 cuda-cudart-13-0 libcudnn9-cuda-13",
  );
  expect(found?.remedy).toContain(
    "pip install nvidia-cublas nvidia-curand nvidia-cuda-runtime nvidia-cudnn-cu13",
  );
});

test("TensorRT needs CUDA's provider too, and its own libraries", async () => {
  await installProviders(["shared", "tensorrt"]);
  const { "tensorrt libraries": absent } = await check("tensorrt:0");
  expect(absent).toMatchObject({
    state: "broken",
    found: expect.stringContaining("lacks libonnxruntime_providers_cuda.so"),
  });
  await installProviders(["cuda"]);
  const { "tensorrt libraries": found } = await check("tensorrt:0");
  expect(found?.found).toContain("libnvinfer.so.10");
  expect(found?.remedy).toContain("libnvinfer10 libnvonnxparsers10");
});

test("without ONNX Runtime's own libraries for GPUs the way to fetch them is told", async () => {
  const { "cuda libraries": found } = await check("cuda:0");
  expect(found).toMatchObject({
    state: "broken",
    found: `${folder} lacks libonnxruntime_providers_shared.so, libonnxruntime_providers_cuda.so`,
    remedy: expect.stringContaining("node /package/script/install.js --onnxruntime-node-install"),
  });
});

test.each<[string, Partial<DeviceSurroundings>, string]>([
  ["no driver", { inventory: { hasDriver: false, gpus: [], problems: [] } }, "there is none"],
  [
    "a driver that does not answer",
    { inventory: { hasDriver: true, gpus: [], problems: ["nvidia-smi failed: mismatch"] } },
    "it lists no GPU (nvidia-smi failed: mismatch)",
  ],
  [
    "an old driver",
    { driverVersion: "NVRM version: Kernel Module  535.104.05  Sat\n" },
    "535.104.05",
  ],
])("%s is broken", async (_, changes, found) => {
  const { "NVIDIA driver": driver } = await check("cuda:0", changes);
  expect(driver).toMatchObject({ state: "broken", found: expect.stringContaining(found) });
});

test("a GPU that is not there is told apart from those that are", async () => {
  expect((await check("cuda:1"))["cuda:1"]).toMatchObject({
    state: "broken",
    remedy: `here are 0 (${GPU.uuid})`,
  });
  expect((await check(`cuda:${GPU.uuid}`))[`cuda:${GPU.uuid}`]).toMatchObject({ state: "ok" });
  expect((await check("cuda:0", { outer: GPU.uuid }))["cuda:0"]).toMatchObject({ state: "ok" });
  expect((await check("cuda:0", { outer: "7" }))["cuda:0"]).toMatchObject({ state: "broken" });
});

test("auto is every GPU that is there, and the CPU only with a warning", async () => {
  expect(Object.keys(await check("auto"))).toEqual(["NVIDIA driver", "cuda:0", "cuda libraries"]);
  const none = { hasDriver: false, gpus: [], problems: [] };
  expect(await check("auto", { inventory: none })).toMatchObject({ devices: { state: "warning" } });
});
