import { mkdtemp, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { load, problemsOf, site } from "./testing/site.ts";

test("the environment beats the file", async () => {
  const file = site({ redis: { url: "redis://file:1" }, log: { level: "warn", format: "json" } });
  const { cwd, config } = await load(file, {
    SLUICE_REDIS_URL: "redis://elsewhere:1",
    SLUICE_LOG_LEVEL: "debug",
    SLUICE_DATA_DIR: "data",
    SLUICE_HTTP_HOST: "::1",
    SLUICE_WORKER_ID: "gpu-0",
  });
  expect(config.redis.url).toBe("redis://elsewhere:1");
  expect(config.log).toEqual({ level: "debug", format: "json" });
  expect(config.dataDir).toBe(join(cwd, "data"));
  expect(config.http.host).toBe("::1");
  expect(config.worker.id).toBe("gpu-0");
});

test("an empty variable counts as unset, and others' variables are none of our business", async () => {
  const { config } = await load(site(), { SLUICE_LOG_LEVEL: "", SLUICE_WORKER_ID: "", PATH: "x" });
  expect(config.log.level).toBe("info");
  expect(config.worker.id).toBe(hostname());
});

test("the Redis URL may lie in a file, as secrets do", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-secret-"));
  const secret = join(folder, "url");
  await writeFile(secret, "rediss://:p%40ss@cache:6380/1\n");
  const { config } = await load(site(), { SLUICE_REDIS_URL_FILE: secret });
  expect(config.redis.url).toBe("rediss://:p%40ss@cache:6380/1");
});

test.each<[string, Record<string, string>, RegExp]>([
  [
    "an unknown variable",
    { SLUICE_REDIS_ULR: "x" },
    /^SLUICE_REDIS_ULR: unknown variable; did you mean SLUICE_REDIS_URL\?$/u,
  ],
  [
    "a level that is none",
    { SLUICE_LOG_LEVEL: "loud" },
    /^SLUICE_LOG_LEVEL \(log\.level\): expected "fatal" or .*, received "loud"; correct it$/u,
  ],
  [
    "a URL that is none",
    { SLUICE_REDIS_URL: "cache:6379" },
    /^SLUICE_REDIS_URL \(redis\.url\): expected a URL that begins with redis:\/\/ or rediss:\/\/, received a value that is not shown/u,
  ],
  [
    "a missing secret",
    { SLUICE_REDIS_URL_FILE: "/nowhere" },
    /^SLUICE_REDIS_URL_FILE: cannot read \/nowhere \(ENOENT.*\); create it/u,
  ],
  [
    "an empty secret",
    { SLUICE_REDIS_URL_FILE: "/dev/null" },
    /^SLUICE_REDIS_URL_FILE: expected a Redis URL in \/dev\/null, the file is empty/u,
  ],
  [
    "both URLs",
    { SLUICE_REDIS_URL: "redis://a", SLUICE_REDIS_URL_FILE: "/dev/null" },
    /both are set; keep one$/u,
  ],
  [
    "a worker id for nobody to read",
    { SLUICE_WORKER_ID: "a\nb" },
    /^SLUICE_WORKER_ID: expected 1 to 128 printable/u,
  ],
  [
    "a file that is not there",
    { SLUICE_CONFIG: "nope.yaml" },
    /^SLUICE_CONFIG \(\S+nope\.yaml\): no such file; create it, or name another one/u,
  ],
  [
    "a folder as file",
    { SLUICE_CONFIG: "." },
    /^SLUICE_CONFIG \(\S+\): cannot read the file \(EISDIR/u,
  ],
])("%s is refused by the variable's name", async (_, env, expected) => {
  expect(await problemsOf(site(), env)).toEqual([expect.stringMatching(expected)]);
});

test("a wrong secret is named by the variable that was set", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-secret-"));
  await writeFile(join(folder, "url"), "hunter2");
  const problems = await problemsOf(site(), { SLUICE_REDIS_URL_FILE: join(folder, "url") });
  expect(problems).toEqual([expect.stringMatching(/^SLUICE_REDIS_URL_FILE \(redis\.url\): /u)]);
  expect(problems[0]).not.toMatch(/hunter2/u);
});
