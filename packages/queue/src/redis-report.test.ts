import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { RedisUnavailableError } from "./errors.ts";
import { hideCredentials } from "./hide-credentials.ts";
import { assertRedisReachable, describeRedis } from "./redis-report.ts";
import { TestRedis } from "./testing/test-redis.ts";

test("a Redis set up as ours is reported without warnings", async () => {
  await using redis = await TestRedis.start();
  const report = await assertRedisReachable({ redisUrl: redis.url, timeoutMs: 2000 });
  expect(report).toMatchObject({ maxmemoryPolicy: "noeviction", isPersistent: true, warnings: [] });
  expect(report.version).toMatch(/^\d+\.\d+/u);
});

test("a Redis that may drop or forget jobs is reported with what to set", () => {
  const info = "redis_version:7.0.15\r\nmaxmemory_policy:allkeys-lru\r\naof_enabled:0\r\n";
  expect(describeRedis(info).warnings).toEqual([
    expect.stringMatching(/allkeys-lru.*set maxmemory-policy noeviction/u),
    expect.stringMatching(/set appendonly yes/u),
  ]);
});

test("no Redis: the error names the address without the password, the reason and the ways out", async () => {
  const redisUrl = "redis://user:hunter2@127.0.0.1:1/3";
  const error = await assertRedisReachable({ redisUrl, timeoutMs: 2000 }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(RedisUnavailableError);
  expect(error).toMatchObject({ code: "REDIS_UNAVAILABLE", exitCode: 69, retryable: true });
  expect(String(error)).toMatch(/127\.0\.0\.1:1\/3 \(.*ECONNREFUSED.*SLUICE_REDIS_URL/u);
  expect(String(error)).not.toMatch(/hunter2/u);
});

test("a server that accepts and never answers does not hold up the start", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const startedAt = performance.now();
  await expect(
    assertRedisReachable({ redisUrl: `redis://127.0.0.1:${port}`, timeoutMs: 200 }),
  ).rejects.toThrow(/no answer in 200 ms/u);
  expect(performance.now() - startedAt).toBeLessThan(1000);
  server.close();
});

test("credentials are hidden also in what is no URL at all", () => {
  expect(hideCredentials("rediss://:secret@cache.example:6380/0")).toBe(
    "rediss://cache.example:6380/0",
  );
  expect(hideCredentials("secret")).toBe("the configured URL");
});
