import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseDeviceList } from "@sluice/config";
import { parseCpuList } from "@sluice/inference-onnx";
import { afterEach, expect, test, vi } from "vitest";
import { chooseDevices } from "./choose-devices.ts";
import { spawnEngine } from "./spawn-engine.ts";

afterEach(() => vi.unstubAllEnvs());

/** One that this process may use. */
const FIRST_CPU = parseCpuList(
  /^Cpus_allowed_list:\s+(\S+)$/mu.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "",
)[0]!;

interface Told {
  readonly env: object;
  readonly cpus: string | null;
  readonly settings: object;
}

/** What an engine finds in its process, for each device. */
async function startOn(devices: string): Promise<Told[]> {
  const inventory = { hasDriver: true, gpus: [], problems: [] };
  const outer = process.env["CUDA_VISIBLE_DEVICES"];
  const cpu = { nodes: [{ node: 0, cpus: [FIRST_CPU] }], canPin: true };
  const chosen = chooseDevices(parseDeviceList(devices) ?? [], { inventory, cpu, outer });
  return await Promise.all(
    chosen.devices.map(async (device) => {
      const { provider } = device;
      const child = spawnEngine({
        module: fileURLToPath(new URL("testing/tell-environment.ts", import.meta.url)),
        execArgv: [],
        device,
        settings: {
          provider,
          deviceName: null,
          hasMixedDevices: true,
          readSlots: 12,
          decodeSlots: 3,
          intraOpThreads: 1,
        },
      });
      const [message] = await once(child, "message");
      await once(child, "exit");
      return message;
    }),
  );
}

test("each engine sees its own GPU alone, out of those that the worker may see", async () => {
  vi.stubEnv("CUDA_VISIBLE_DEVICES", "6,4,2");
  const [first, second] = await startOn("cuda:0,tensorrt:2");
  expect(first).toMatchObject({
    env: {
      CUDA_DEVICE_ORDER: "PCI_BUS_ID",
      CUDA_VISIBLE_DEVICES: "6",
      ORT_DISABLE_TELEMETRY: "1",
      UV_THREADPOOL_SIZE: "11",
    },
    settings: { provider: "cuda", decodeSlots: 3 },
  });
  expect(second).toMatchObject({
    env: { CUDA_VISIBLE_DEVICES: "2" },
    settings: { provider: "tensorrt" },
  });
});

test("an engine on a NUMA node runs on its cores alone, and may be ended like any other", async () => {
  const [bound, free] = await startOn("cpu:0,cpu");
  expect(bound?.cpus).toBe(String(FIRST_CPU));
  expect(free?.cpus).not.toBe("");
  expect(bound).toMatchObject({ settings: { provider: "cpu" }, env: { UV_THREADPOOL_SIZE: "11" } });
});
