import { readdir, rm } from "node:fs/promises";
import { expect, test } from "vitest";
import type { GraphTimer } from "../precision/graph-timer.ts";
import { fakeTimer } from "../testing/fake-timer.ts";
import { network, VariantFolder } from "../testing/variant-folder.ts";
import { describeChoice } from "./describe-choice.ts";
import { settlePrecisions } from "./settle-precisions.ts";

const limits = {
  minTop1Agreement: 0.99,
  maxDecisionsChanged: 0.005,
  minPictures: 64,
  minSpeedup: 1.05,
};
const FAST = { float32: [100, 100, 100], int8: [50, 50, 50], fp16: [25, 25, 25] };

async function settle(folder: VariantFolder, timer: GraphTimer, isRemeasuring = false) {
  const members = [{ model: folder.path, precision: "auto" as const, weight: 3 }];
  const settled = await settlePrecisions(members, {
    limits,
    graphCacheDir: folder.graphCacheDir,
    isRemeasuring,
    hasMixedDevices: false,
    openTimer: async () => await Promise.resolve(timer),
  });
  return { ...settled, choice: settled.choices[0]! };
}

test("auto becomes the fastest that agrees; everything else of the member stays", async () => {
  await using folder = await VariantFolder.make();
  await folder.addVariant("int8", { agreement: { top1Agreement: 0.996 } });
  await folder.addVariant("fp16");
  const timer = fakeTimer(FAST);
  const { members, choice } = await settle(folder, timer);
  expect(members).toEqual([{ model: folder.path, precision: "int8", weight: 3 }]);
  expect(timer.measurements).toEqual([["tiny:float32", "tiny:int8"]]);
  expect(describeChoice(choice)).toBe("tiny: int8 (2.00x float32 here, 99.6 % agreement)");
});

test.each(["cuda", "tensorrt"])("on %s fp16 is considered, int8 is not", async (provider) => {
  await using folder = await VariantFolder.make();
  await folder.addVariant("int8");
  await folder.addVariant("fp16");
  const timer = fakeTimer(FAST, { provider });
  expect((await settle(folder, timer)).members[0]!.precision).toBe("fp16");
  expect(timer.measurements).toEqual([["tiny:float32", "tiny:fp16"]]);
});

test("a variant that is hardly faster is left, and the figure is told", async () => {
  await using folder = await VariantFolder.make();
  await folder.addVariant("int8");
  const { choice } = await settle(folder, fakeTimer({ float32: [104.9], int8: [100] }));
  expect(describeChoice(choice)).toBe(
    "tiny: float32 (int8 runs 1.04x float32 here, expected 1.05x or more)",
  );
});

test("where only float32 is possible nothing is measured, and why is told", async () => {
  await using folder = await VariantFolder.make();
  const timer = fakeTimer(FAST);
  const without = await settle(folder, timer);
  expect(describeChoice(without.choice)).toMatch(
    /^tiny: float32 \(int8 is not taken: there is no onnx\/model_quantized\.onnx; .*--int8/u,
  );
  await folder.addVariant("int8");
  await folder.write("onnx/model_quantized.onnx", network("tampered"));
  const tampered = await settle(folder, timer);
  expect(tampered.members[0]!.precision).toBe("float32");
  expect(tampered.choice.refused).toMatchObject([{ variant: "int8", reason: "file-changed" }]);
  expect(timer.measurements).toEqual([]);
});

test("a restart chooses the same without measuring, until it is told to measure again", async () => {
  await using folder = await VariantFolder.make();
  await folder.addVariant("int8");
  const first = await settle(folder, fakeTimer(FAST));
  const slower = fakeTimer({ float32: [100], int8: [200] });
  const again = await settle(folder, slower);
  expect([first.choice.isMeasured, again.choice.isMeasured]).toEqual([true, false]);
  expect(again.choice.precision).toBe("int8");
  expect(slower.measurements).toEqual([]);
  expect((await settle(folder, slower, true)).choice.precision).toBe("float32");
  expect((await settle(folder, fakeTimer(FAST))).choice.precision).toBe("float32");
  await rm(first.choice.timingFile!);
  expect((await settle(folder, fakeTimer(FAST))).choice.precision).toBe("int8");
});

test("a model that is two members is measured once and runs the same in both", async () => {
  await using folder = await VariantFolder.make();
  await folder.addVariant("int8");
  const timer = fakeTimer(FAST);
  const member = { model: folder.path, precision: "auto" } as const;
  const { members, choices } = await settlePrecisions([member, member], {
    limits,
    graphCacheDir: folder.graphCacheDir,
    isRemeasuring: true,
    hasMixedDevices: false,
    openTimer: async () => await Promise.resolve(timer),
  });
  expect(members.map(({ precision }) => precision)).toEqual(["int8", "int8"]);
  expect([choices.length, timer.measurements.length]).toEqual([2, 1]);
});

test("other threads, another device or a new network are measured anew", async () => {
  await using folder = await VariantFolder.make();
  await folder.addVariant("int8");
  const timers = [{ threads: 2 }, { threads: 4 }, { threads: 4, device: "another" }].map(
    (conditions) => fakeTimer(FAST, { conditions }),
  );
  for (const timer of timers) await settle(folder, timer);
  expect(timers.map(({ measurements }) => measurements.length)).toEqual([1, 1, 1]);
});

test("limits that rise refuse what was taken before, whatever is remembered", async () => {
  await using folder = await VariantFolder.make();
  await folder.addVariant("int8", { agreement: { top1Agreement: 0.995 } });
  expect((await settle(folder, fakeTimer(FAST))).choice.precision).toBe("int8");
  const { choices } = await settlePrecisions([{ model: folder.path, precision: "auto" }], {
    limits: { ...limits, minTop1Agreement: 0.999 },
    graphCacheDir: folder.graphCacheDir,
    isRemeasuring: false,
    hasMixedDevices: false,
    openTimer: async () => await Promise.resolve(fakeTimer(FAST)),
  });
  expect(choices).toMatchObject([{ precision: "float32", refused: [{ reason: "disagrees" }] }]);
});

test("engines of different devices run float32, for it is what all of them have", async () => {
  await using folder = await VariantFolder.make();
  await folder.addVariant("int8");
  await folder.addVariant("fp16");
  for (const provider of ["cpu", "cuda"]) {
    const timer = fakeTimer(FAST, { provider });
    const { choices } = await settlePrecisions([{ model: folder.path, precision: "auto" }], {
      limits,
      graphCacheDir: folder.graphCacheDir,
      isRemeasuring: false,
      hasMixedDevices: true,
      openTimer: async () => await Promise.resolve(timer),
    });
    expect(choices).toMatchObject([
      { precision: "float32", refused: [{ reason: "mixed-devices" }] },
    ]);
    expect(timer.measurements).toEqual([]);
  }
});

test("a variant that does not run here is told, and tried again at the next start", async () => {
  await using folder = await VariantFolder.make();
  await folder.addVariant("int8");
  const { choice } = await settle(folder, fakeTimer({ float32: [1], int8: "no such operator" }));
  expect(describeChoice(choice)).toBe(
    "tiny: float32 (int8 is not taken: it does not run here (no such operator))",
  );
  expect((await readdir(folder.graphCacheDir)).filter((name) => name.endsWith(".json"))).toEqual(
    [],
  );
  expect((await settle(folder, fakeTimer(FAST))).choice.precision).toBe("int8");
});

test("a float model that does not run is an error, not a reason for a variant", async () => {
  await using folder = await VariantFolder.make();
  await folder.addVariant("int8");
  const timer = fakeTimer({ float32: "damaged", int8: [1] });
  await expect(settle(folder, timer)).rejects.toThrow(
    /model\.onnx.*does not run here \(damaged\)/u,
  );
});

test("without auto no timer is opened", async () => {
  const { members, choices } = await settlePrecisions([{ model: "m", precision: "int8" }], {
    limits,
    graphCacheDir: "/nowhere",
    isRemeasuring: false,
    hasMixedDevices: false,
    openTimer: async () => await Promise.reject(new Error("nobody asked for it")),
  });
  expect([members, choices]).toEqual([[{ model: "m", precision: "int8" }], []]);
});
