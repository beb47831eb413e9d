import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { removeKeys } from "./remove-keys.ts";
import { TestRedis } from "./testing/test-redis.ts";

test("all keys of a prefix go, and those of a longer prefix or of others stay", async () => {
  await using server = await TestRedis.start();
  const redis = new Redis(server.url);
  try {
    const mine = Array.from({ length: 1200 }, (_, n) => `bench-1:{live}:${n}`);
    const others = ["bench-10:{live}:1", "bench-1", "sluice:{live}:meta"];
    await redis.mset(...[...mine, ...others].flatMap((key) => [key, "x"]));
    const options = { redisUrl: server.url, prefix: "bench-1", onError: () => undefined };
    expect(await removeKeys(options)).toBe(1200);
    expect((await redis.keys("*")).toSorted()).toEqual(others.toSorted());
    expect(await removeKeys(options)).toBe(0);
  } finally {
    redis.disconnect();
  }
});
