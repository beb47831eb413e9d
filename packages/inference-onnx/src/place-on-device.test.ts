import { expect, test } from "vitest";
import { placeOnDevice } from "./place-on-device.ts";

const leftOver = new Error(
  "This session contains graph nodes that are assigned to the default CPU EP, but fallback to CPU EP has been explicitly disabled by the user.",
);

test("a graph that the GPU runs wholly is opened once, with the CPU forbidden", async () => {
  const asked: boolean[] = [];
  const placed = await placeOnDevice("cuda", ({ mayUseCpu }) => {
    asked.push(mayUseCpu);
    return Promise.resolve("session");
  });
  expect(placed).toEqual({ session: "session", isPartlyOnCpu: false });
  expect(asked).toEqual([false]);
});

test("nodes that the GPU does not know go to the CPU, and that is told", async () => {
  const placed = await placeOnDevice("cuda", ({ mayUseCpu }) =>
    mayUseCpu ? Promise.resolve("session") : Promise.reject(leftOver),
  );
  expect(placed).toEqual({ session: "session", isPartlyOnCpu: true });
});

test("any other failure is a failure: the CPU is not tried in the GPU's place", async () => {
  const opening = placeOnDevice("cuda", ({ mayUseCpu }) =>
    mayUseCpu
      ? Promise.resolve("session")
      : Promise.reject(new Error("Failed to load shared library")),
  );
  await expect(opening).rejects.toThrow("Failed to load shared library");
});

test("on the CPU there is nothing to forbid", async () => {
  const placed = await placeOnDevice("cpu", ({ mayUseCpu }) => Promise.resolve(mayUseCpu));
  expect(placed).toEqual({ session: true, isPartlyOnCpu: false });
});
