import fc from "fast-check";
import { expect, test } from "vitest";
import { executionProviders, padRows, warmUpSizes } from "./execution-provider.ts";

test("a device's provider stands there alone; TensorRT leaves the rest to CUDA on the same GPU", () => {
  expect(executionProviders("cpu")).toEqual(["cpu"]);
  expect(executionProviders("cuda")).toEqual([{ name: "cuda", deviceId: 0 }]);
  expect(executionProviders("tensorrt")).toEqual([
    { name: "tensorrt", deviceId: 0 },
    { name: "cuda", deviceId: 0 },
  ]);
});

test("the CPU runs the rows that there are", () => {
  expect(padRows("cpu", 17, 32)).toBe(17);
  expect(warmUpSizes("cpu", 32)).toEqual([32]);
});

test("a GPU runs few sizes, all of which it has seen at warm-up, the largest first", () => {
  expect(warmUpSizes("cuda", 32)).toEqual([32, 16, 8, 4, 2, 1]);
  expect(warmUpSizes("tensorrt", 24)).toEqual([24, 16, 8, 4, 2, 1]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1024 }), fc.nat(1023), (limit, at) => {
      const rows = 1 + (at % limit);
      const padded = padRows("cuda", rows, limit);
      expect(padded).toBeGreaterThanOrEqual(rows);
      expect(padded).toBeLessThanOrEqual(limit);
      expect(warmUpSizes("cuda", limit)).toContain(padded);
    }),
  );
});
