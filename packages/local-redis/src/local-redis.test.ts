import { mkdtemp, readFile, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { RedisMissingError, RedisStartError } from "./errors.ts";
import { findOnPath, findOrInstallRedis } from "./find-redis.ts";
import { startLocalRedis } from "./local-redis.ts";
import { askRedis } from "./resp.ts";

const env = process.env;
const onInstall = (): void => undefined;

async function newFolder(): Promise<string> {
  return join(await mkdtemp(join(tmpdir(), "sluice-local-redis-")), "redis");
}

test("a Redis of our own answers on loopback with a password, keeps its data over a kill, and evicts nothing", async () => {
  const program = await findOrInstallRedis({ env, onInstall });
  const dataDir = await newFolder();
  const first = await startLocalRedis({ program, dataDir, startTimeoutMs: 10_000 });
  const { password } = new URL(first.url);
  expect(first.port).not.toBe(6379);
  const ask = async (port: number, words: string[], secret = password): Promise<string> =>
    await askRedis({ port, password: secret, timeoutMs: 2000 }, words);
  expect(await ask(first.port, ["SET", "key", "kept"])).toBe("+OK");
  await expect(ask(first.port, ["GET", "key"], "wrong")).rejects.toThrow(/WRONGPASS/u);
  expect((await stat(join(dataDir, "redis.conf"))).mode & 0o077).toBe(0);
  expect(await readFile(join(dataDir, "redis.conf"), "utf8")).toMatch(
    /maxmemory-policy noeviction/u,
  );

  await expect(
    startLocalRedis({ program, dataDir, startTimeoutMs: 10_000 }),
  ).rejects.toBeInstanceOf(RedisStartError);

  await first.kill();
  expect(await first.exited).toEqual({ wasStopped: true });
  await using second = await startLocalRedis({ program, dataDir, startTimeoutMs: 10_000 });
  const secret = new URL(second.url).password;
  expect(await ask(second.port, ["STRLEN", "key"], secret)).toBe(":4");
  await second.stop();
  await second.stop();
});

test("a program that ends at once is named with its log", async () => {
  const dataDir = await newFolder();
  await expect(
    startLocalRedis({ program: "/bin/false", dataDir, startTimeoutMs: 5000 }),
  ).rejects.toThrow(/\/bin\/false did not come up .*redis\.log/u);
});

test("without a Redis and without the right to install one the three ways out are told", async () => {
  expect(findOnPath({ PATH: "/nowhere" })).toBeNull();
  expect(new RedisMissingError("x").exitCode).toBe(69);
});
