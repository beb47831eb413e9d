import { join } from "node:path";
import { rootNameSchema } from "@sluice/contracts";
import { expect, test } from "vitest";
import { GATE, load, problemsOf, site, UPLOADS, type Settings } from "./testing/site.ts";

const root = rootNameSchema.parse("archive");

async function archive(settings: Settings) {
  const roots = {
    uploads: { folder: "in" },
    published: { folder: "out" },
    archive: { s3: settings },
  };
  const { config, cwd } = await load(site({ roots }));
  return { bucket: config.roots.get(root), cwd };
}

async function problemsWith(roots: Settings, change: Settings = {}): Promise<readonly string[]> {
  const folders = { uploads: { folder: "in" }, published: { folder: "out" } };
  return problemsOf(site({ roots: { ...folders, ...roots }, ...change }));
}

test("a bucket at Amazon needs no more than its name", async () => {
  const { bucket } = await archive({ bucket: "site-archive" });
  expect(bucket).toEqual({
    kind: "s3",
    bucket: "site-archive",
    prefix: "",
    endpoint: null,
    region: null,
    pathStyle: false,
    checksums: "supported",
    requesterPays: false,
    sseCustomerKeyFile: null,
    kmsKeyId: null,
    profile: null,
    maxSockets: 64,
    timeoutMs: 10_000,
    maxAttempts: 4,
    giveUpAfterMs: 600_000,
  });
});

test("a server of somebody else's gets the bucket in the path and only the checksums that it must have", async () => {
  const settings = { bucket: "a-b", endpoint: "https://minio.example:9000" };
  const { bucket, cwd } = await archive({ ...settings, sseCustomerKeyFile: "key" });
  expect(bucket).toMatchObject({
    endpoint: new URL("https://minio.example:9000"),
    pathStyle: true,
    checksums: "required",
    sseCustomerKeyFile: join(cwd, "key"),
  });
  const { bucket: told } = await archive({ ...settings, checksums: "supported", pathStyle: false });
  expect(told).toMatchObject({ pathStyle: false, checksums: "supported" });
});

test("a prefix says where it ends", async () => {
  for (const prefix of ["photos", "/photos/"]) {
    const problems = await problemsWith({ archive: { s3: { bucket: "a-b", prefix } } });
    expect(problems).toEqual([expect.stringMatching(/^roots\.archive\.s3\.prefix: expected/u)]);
  }
});

test("two roots of one bucket must not lie inside one another", async () => {
  const nested = { one: { s3: { bucket: "a-b" } }, two: { s3: { bucket: "a-b", prefix: "in/" } } };
  expect(await problemsWith(nested)).toEqual([
    expect.stringMatching(/^roots\.one\.s3 and roots\.two\.s3: .* lie inside one another/u),
  ]);
  const apart = {
    one: { s3: { bucket: "a-b", prefix: "in/" } },
    two: { s3: { bucket: "a-b", prefix: "in-2/" } },
    three: { s3: { bucket: "a-b", endpoint: "https://other.example" } },
  };
  const folders = { uploads: { folder: "in" }, published: { folder: "out" } };
  await expect(load(site({ roots: { ...folders, ...apart } }))).resolves.toBeDefined();
});

test("one read is not taken for a hung engine", async () => {
  const s3 = { bucket: "a-b", timeoutMs: 20_000, maxAttempts: 3 };
  expect(await problemsWith({ one: { s3 } })).toEqual([
    expect.stringMatching(/^roots\.one\.s3\.timeoutMs and worker\.watchdogMs: /u),
  ]);
});

test("the key of SSE-C does not travel in the clear", async () => {
  const s3 = { bucket: "a-b", sseCustomerKeyFile: "key" };
  expect(await problemsWith({ one: { s3: { ...s3, endpoint: "http://minio.example" } } })).toEqual([
    expect.stringMatching(/sseCustomerKeyFile and .*endpoint: the key would travel/u),
  ]);
  await archive({ ...s3, endpoint: "http://127.0.0.1:9000" });
});

test("a source of folders has no bucket, and publishing does not lead from one into a folder", async () => {
  const roots = { uploads: { s3: { bucket: "a-b" } } };
  expect(await problemsWith(roots)).toEqual([
    expect.stringMatching(/^sources\[0\]\.kind and roots\.uploads\.s3: .* needs a folder/u),
    expect.stringMatching(/^policies\.default\.publishTo and .* must both be buckets/u),
  ]);
  const policies = { default: { ...GATE, publishTo: "archive" } };
  const sources = [UPLOADS];
  expect(await problemsWith({ archive: { s3: { bucket: "a-b" } } }, { policies, sources })).toEqual(
    [expect.stringMatching(/must both be buckets or both be folders/u)],
  );
});
