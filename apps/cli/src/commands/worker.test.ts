import { expect, test } from "vitest";
import { runSluice } from "../testing/run-sluice.ts";

test("devices that mean nothing are a usage error that says what is meant", async () => {
  const { code, stderr } = await runSluice(["worker", "--devices", "gpu:0"]);
  expect(code).toBe(2);
  expect(stderr).toContain("Expected auto, or cpu, cpu:0, cuda:0");
});

test("a worker alone needs the address of a Redis, and says so", async () => {
  const { code, stderr } = await runSluice(["worker", "--devices", "cpu"]);
  expect(code).toBe(78);
  expect(stderr).toContain("SLUICE_REDIS_URL: not set");
});
