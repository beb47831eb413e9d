import { expect, test } from "vitest";
import { shareCores } from "./share-cores.ts";

const unset = { readConcurrency: 0, decodeConcurrency: 0, intraOpThreads: 0 };

test.each([
  [
    "one engine decodes one image more than there are cores",
    8,
    1,
    1,
    { readSlots: 36, decodeSlots: 9, intraOpThreads: 0 },
  ],
  [
    "two engines on the CPU take half of the cores each",
    8,
    2,
    2,
    { readSlots: 20, decodeSlots: 5, intraOpThreads: 4 },
  ],
  [
    "more engines than cores still work",
    2,
    4,
    4,
    { readSlots: 8, decodeSlots: 2, intraOpThreads: 1 },
  ],
  [
    "a lone engine on the CPU beside GPUs has all threads",
    8,
    4,
    1,
    { readSlots: 12, decodeSlots: 3, intraOpThreads: 0 },
  ],
])("%s", (_, cores, engines, cpuEngines, shares) => {
  expect(shareCores(unset, { cores, engines, cpuEngines, isCpu: true, isBound: false })).toEqual(
    shares,
  );
});

test("a GPU's engine is left as many threads as it likes", () => {
  const machine = { cores: 16, engines: 4, cpuEngines: 2, isCpu: false, isBound: false };
  expect(shareCores(unset, machine)).toEqual({ readSlots: 20, decodeSlots: 5, intraOpThreads: 0 });
});

test("an engine that is bound to a node's cores has as many threads as these, alone or not", () => {
  const node = { cores: 12, isCpu: true, isBound: true };
  expect(shareCores(unset, { ...node, engines: 1, cpuEngines: 1 })).toEqual({
    readSlots: 52,
    decodeSlots: 13,
    intraOpThreads: 12,
  });
  expect(shareCores(unset, { ...node, engines: 2, cpuEngines: 2 })).toEqual({
    readSlots: 28,
    decodeSlots: 7,
    intraOpThreads: 6,
  });
});

test("what is set holds for each engine", () => {
  const settings = { readConcurrency: 5, decodeConcurrency: 3, intraOpThreads: 2 };
  const machine = { cores: 64, engines: 8, cpuEngines: 8, isCpu: true, isBound: false };
  expect(shareCores(settings, machine)).toEqual({
    readSlots: 5,
    decodeSlots: 3,
    intraOpThreads: 2,
  });
});
