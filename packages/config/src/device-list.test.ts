import fc from "fast-check";
import { expect, test } from "vitest";
import { nameDevice, parseDeviceList, type DeviceChoice } from "./device-list.ts";

const uuid = "GPU-3f1c9a2e-8d4b-4c61-9d2f-0a1b2c3d4e5f";

test.each<[string, "auto" | string[]]>([
  ["auto", "auto"],
  ["cpu", ["cpu"]],
  ["cpu,cpu", ["cpu", "cpu"]],
  ["cpu:0,1", ["cpu:0", "cpu:1"]],
  ["cuda:0,cpu:1,cuda:1", ["cuda:0", "cpu:1", "cuda:1"]],
  ["cuda:0,1, 5", ["cuda:0", "cuda:1", "cuda:5"]],
  [`tensorrt:0,cuda:${uuid}`, ["tensorrt:0", `cuda:${uuid}`]],
  ["cuda:0,cpu,tensorrt:1,2", ["cuda:0", "cpu", "tensorrt:1", "tensorrt:2"]],
])("%s means %j", (text, names) => {
  const list = parseDeviceList(text);
  expect(list === "auto" || list === null ? list : list.map(nameDevice)).toEqual(names);
});

test.each([
  "",
  "gpu",
  "cuda",
  "cuda:",
  "cuda:x",
  "cuda:-1",
  "0",
  "cpu,0",
  "cpu:x",
  "cpu:",
  `cpu:0,${uuid}`,
  "cuda:0,0",
  `cuda:${uuid},${uuid.toLowerCase().replace("gpu-", "GPU-")}`,
  "auto,cpu",
  "cuda:0,",
  Array.from({ length: 65 }, () => "cpu").join(","),
])("%j means nothing", (text) => {
  expect(parseDeviceList(text)).toBeNull();
});

test("what is named is read back as it was", () => {
  const gpus = fc.uniqueArray(fc.integer({ min: 0, max: 999 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(
      gpus,
      fc.infiniteStream(fc.constantFrom("cpu", "node", "cuda", "tensorrt")),
      (all, kinds) => {
        const devices = all.map((gpu): DeviceChoice => {
          const kind = kinds.next().value;
          if (kind === "cuda" || kind === "tensorrt") return { provider: kind, gpu: String(gpu) };
          return { provider: "cpu", node: kind === "node" ? gpu : null };
        });
        expect(parseDeviceList(devices.map(nameDevice).join(","))).toEqual(devices);
      },
    ),
  );
});
