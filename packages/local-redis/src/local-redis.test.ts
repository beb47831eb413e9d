import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { RedisMissingError, RedisStartError } from "./errors.ts";
import { findOnPath, findOrInstallRedis } from "./find-redis.ts";
import { startLocalRedis } from "./local-redis.ts";
import { askRedis } from "./resp.ts";
import { findRunningRedis } from "./running-redis.ts";

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
  expect(second.url).toBe(first.url);
  expect(await findRunningRedis(dataDir)).toBe(first.url);
  expect(await ask(second.port, ["STRLEN", "key"])).toBe(":4");
  await second.stop();
  await second.stop();
  expect(await findRunningRedis(dataDir)).toBeNull();
});

test("a server whose owner was killed is taken over with its data", async () => {
  const program = await findOrInstallRedis({ env, onInstall });
  const dataDir = await newFolder();
  const script = join(dataDir, "..", "owner.mjs");
  const module = new URL("local-redis.ts", import.meta.url).href;
  const options = JSON.stringify({ program, dataDir, startTimeoutMs: 10_000 });
  await writeFile(
    script,
    `import { startLocalRedis } from ${JSON.stringify(module)};
     const redis = await startLocalRedis(${options});
     process.send({ url: redis.url, pid: redis.pid });
     setInterval(() => undefined, 60_000);`,
  );
  const owner = fork(script);
  const [left]: unknown[] = await once(owner, "message");
  owner.kill("SIGKILL");
  await once(owner, "exit");

  await using redis = await startLocalRedis({ program, dataDir, startTimeoutMs: 10_000 });
  expect(left).toMatchObject({ url: redis.url });
  expect(left).not.toMatchObject({ pid: redis.pid });
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
