import { ConfigError, parseDeviceList, type DeviceList } from "@sluice/config";
import type { CpuInventory, GpuInventory } from "@sluice/inference-onnx";
import { describe, expect, test } from "vitest";
import { chooseDevices } from "./choose-devices.ts";

const uuid = "GPU-3f1c9a2e-8d4b-4c61-9d2f-0a1b2c3d4e5f";
const none: GpuInventory = { hasDriver: false, gpus: [], problems: [] };
const two: GpuInventory = {
  hasDriver: true,
  gpus: [
    { index: 0, uuid, name: "NVIDIA H200", memoryBytes: 2 ** 37 },
    { index: 1, uuid: `${uuid}1`, name: "NVIDIA L4", memoryBytes: null },
  ],
  problems: [],
};

/** Two sockets, of which this process may use three cores. */
const cpu: CpuInventory = {
  nodes: [
    { node: 0, cpus: [0, 1] },
    { node: 1, cpus: [3] },
  ],
  canPin: true,
};

function list(text: string): DeviceList {
  return parseDeviceList(text) ?? [];
}

/** What each engine sees. */
function visible(
  text: string,
  outer: string | undefined,
  inventory = none,
): (string | undefined)[] {
  const { devices } = chooseDevices(list(text), { inventory, cpu, outer });
  return devices.map(({ env }) => env["CUDA_VISIBLE_DEVICES"]);
}

describe("an engine sees its own GPU alone", () => {
  test.each([
    ["cuda:2", undefined, ["2"]],
    [`cuda:${uuid}`, undefined, [uuid]],
    ["cuda:1", "4,6", ["6"]],
    ["cuda:0,1", "6, 4", ["6", "4"]],
    ["cuda:0", uuid, [uuid]],
    [`tensorrt:${uuid}`, `0, ${uuid.replace("3f1c", "3F1C")}`, [uuid.replace("3f1c", "3F1C")]],
    ["cuda:0", "MIG-1f1c9a2e-8d4b", ["MIG-1f1c9a2e-8d4b"]],
    ["cpu,cuda:1", undefined, [undefined, "1"]],
  ])("%s where the outer list is %j", (devices, outer, seen) => {
    expect(visible(devices, outer)).toEqual(seen);
  });

  test("numbered by PCI bus, with the name and memory that the driver tells", () => {
    const { devices } = chooseDevices(list("tensorrt:0"), {
      inventory: two,
      cpu,
      outer: undefined,
    });
    expect(devices).toEqual([
      {
        name: "tensorrt:0",
        provider: "tensorrt",
        env: { CUDA_DEVICE_ORDER: "PCI_BUS_ID", CUDA_VISIBLE_DEVICES: "0" },
        cpus: null,
        hardware: "NVIDIA H200",
        memoryBytes: 2 ** 37,
      },
    ]);
  });
});

test("an engine on a NUMA node is bound to those of its cores that the process may use", () => {
  const machine = { inventory: none, cpu, outer: undefined };
  const { devices } = chooseDevices(list("cpu:0,1"), machine);
  expect(devices.map(({ name, cpus }) => [name, cpus])).toEqual([
    ["cpu:0", [0, 1]],
    ["cpu:1", [3]],
  ]);
});

test.each([
  ["a node that is not there", cpu, /names cpu:2, and this machine .* NUMA nodes: 0, 1; set it/u],
  ["a machine that tells of no node", { nodes: [], canPin: true }, /none that it tells/u],
  [
    "a machine without taskset",
    { nodes: [{ node: 2, cpus: [7] }], canPin: false },
    /taskset \(util-linux\)/u,
  ],
])("%s is refused: an engine never runs elsewhere unasked", (_, cpus, message) => {
  const machine = { inventory: none, cpu: cpus, outer: undefined };
  expect(() => chooseDevices(list("cpu:2"), machine)).toThrow(message);
});

test("the CPU needs nothing, whatever GPUs there are, and may stand there twice", () => {
  const { devices } = chooseDevices(list("cpu,cpu"), { inventory: two, cpu, outer: "0,1" });
  expect(devices.map(({ provider, env }) => ({ provider, env }))).toEqual([
    { provider: "cpu", env: {} },
    { provider: "cpu", env: {} },
  ]);
});

test.each([
  ["cuda:2", "0,1"],
  ["cuda:0", ""],
  ["cuda:0", "-1"],
  ["cuda:1", "0,-1,1"],
  [`cuda:${uuid}`, "0,1"],
])("%s is refused where the outer list is %j", (devices, outer) => {
  const choose = () => chooseDevices(list(devices), { inventory: two, cpu, outer });
  expect(choose).toThrow(ConfigError);
  expect(choose).toThrow(/lets this process see no such GPU/u);
});

describe("auto", () => {
  test("is every GPU that is there", () => {
    expect(visible("auto", undefined, two)).toEqual(["0", "1"]);
  });

  test("is every GPU of the outer list", () => {
    expect(visible("auto", "1", two)).toEqual(["1"]);
    expect(visible("auto", "3,1,-1,0", two)).toEqual(["3", "1"]);
  });

  test("is the CPU where there is no sign of a GPU, and says so", () => {
    const chosen = chooseDevices("auto", { inventory: none, cpu, outer: undefined });
    expect(chosen.devices.map(({ name }) => name)).toEqual(["cpu"]);
    expect(chosen.isCpuForWantOfGpu).toBe(true);
  });

  test.each<[string, GpuInventory, string | undefined]>([
    ["hidden", two, ""],
    ["hidden without a driver", none, "-1"],
    [
      "not found by the driver",
      { hasDriver: true, gpus: [], problems: ["nvidia-smi failed: mismatch"] },
      undefined,
    ],
  ])("is an error, never the CPU, where GPUs are %s", (_, inventory, outer) => {
    const choose = () => chooseDevices("auto", { inventory, cpu, outer });
    expect(choose).toThrow(ConfigError);
    expect(choose).toThrow(/worker\.devices is auto, .* set worker\.devices to cpu/u);
  });
});
