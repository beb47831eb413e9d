import { expect, test } from "vitest";
import { describeProcessor, parseFeatures } from "./processor.ts";

test("x86 flags are read of the first processor, those that no kernel looks at are left out", () => {
  const cpuinfo =
    "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu vme avx2 avx512_vnni avx fma\nbugs\t\t: spectre_v1\n\nprocessor\t: 1\nflags\t\t: sse\n";
  expect(parseFeatures(cpuinfo)).toEqual(["avx", "avx2", "avx512_vnni", "fma"]);
});

test("ARM's features are read under their own name", () => {
  expect(parseFeatures("Features\t: fp asimd asimddp i8mm\n")).toEqual(["asimddp", "i8mm"]);
});

test("nothing is made up where nothing is told", () => {
  expect(parseFeatures("")).toEqual([]);
});

test("this processor has a name", async () => {
  const { model, features, hasExactByteProducts } = await describeProcessor();
  expect(model).not.toBe("");
  expect(hasExactByteProducts).toBe(features.some((name) => /vnni|asimddp|i8mm/u.test(name)));
});
