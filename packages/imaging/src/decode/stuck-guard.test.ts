import { expect, test } from "vitest";
import { DecoderStuckError, failWhenStuck } from "./stuck-guard.ts";

test("work that never ends is given up with an error that ends the engine", async () => {
  const never = Promise.withResolvers<string>().promise;
  await expect(failWhenStuck(5, never)).rejects.toBeInstanceOf(DecoderStuckError);
});

test("work that ends in time gives its result, and its error", async () => {
  expect(await failWhenStuck(60_000, Promise.resolve("pixels"))).toBe("pixels");
  await expect(failWhenStuck(60_000, Promise.reject(new Error("corrupt")))).rejects.toThrow(
    "corrupt",
  );
});
