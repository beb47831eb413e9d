import { writeFile, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { expect, onTestFinished, test } from "vitest";
import type { FaultKind } from "../testing/fake-faults.ts";
import { settingsFor, startFakeSite } from "../testing/test-bucket.ts";
import { headObject } from "./head-object.ts";
import { openBucket } from "./open-bucket.ts";

const CONTENT = { bytes: Buffer.from("picture") };

test("what lies under a key is told with its version", async () => {
  await using site = await startFakeSite();
  const put = site.fake.bucket("uploads").put("a.jpg", CONTENT);
  const head = await headObject(site.bucket, "a.jpg");
  expect(head).toMatchObject({ sizeBytes: 7, etag: put.etag.replaceAll('"', ""), versionId: null });
  expect(await headObject(site.bucket, "b.jpg")).toBeNull();
});

test("a delete marker is nothing, and an older version is found by its id", async () => {
  await using site = await startFakeSite();
  const bucket = site.fake.bucket("uploads");
  bucket.versioning = "on";
  const { versionId } = bucket.put("a.jpg", CONTENT);
  bucket.delete("a.jpg", null);
  expect(await headObject(site.bucket, "a.jpg")).toBeNull();
  expect(await headObject(site.bucket, "a.jpg", versionId)).toMatchObject({
    version: `v${versionId}`,
  });
});

test("nothing in a bucket that is away counts as gone", async () => {
  await using site = await startFakeSite();
  site.fake.removeBucket("uploads");
  await expect(headObject(site.bucket, "a.jpg")).rejects.toMatchObject({
    code: "S3_BUCKET_MISSING",
  });
});

test.each<[FaultKind, string]>([
  ["access-denied", "S3_ACCESS_DENIED"],
  ["slow-down", "S3_BUSY"],
  ["internal-error", "S3_UNAVAILABLE"],
  ["reset", "S3_UNAVAILABLE"],
  ["no-answer", "S3_UNAVAILABLE"],
])("%s becomes %s", async (kind, code) => {
  await using site = await startFakeSite({ timeoutMs: 300 });
  site.fake.faults.add({ kind });
  const failed = headObject(site.bucket, "a.jpg");
  await expect(failed).rejects.toMatchObject({ code, retryable: true });
});

test("a page where XML was expected is a failure of the server's", async () => {
  await using site = await startFakeSite();
  site.fake.faults.add({ kind: "garbage" });
  const { client, place } = site.bucket;
  const failed = site.bucket.ask(
    { action: "ListBucket" },
    client.send(new ListObjectsV2Command(place)),
  );
  await expect(failed).rejects.toMatchObject({ code: "S3_UNAVAILABLE", retryable: true });
});

test("what TLS says of a server is a failure of the server's, not a bug", async () => {
  await using site = await startFakeSite();
  const endpoint = new URL(site.fake.endpoint.href.replace("http:", "https:"));
  const bucket = await site.open({ endpoint });
  await expect(headObject(bucket, "a.jpg")).rejects.toMatchObject({ code: "S3_UNAVAILABLE" });
});

test("a bucket at Amazon whose region nothing says is refused when it is opened", async () => {
  const before = { ...process.env };
  for (const name of ["AWS_REGION", "AWS_DEFAULT_REGION"]) delete process.env[name];
  process.env["AWS_CONFIG_FILE"] = "/nonexistent";
  onTestFinished(() => void (process.env = before));
  const settings = { ...settingsFor(new URL("http://unused")), endpoint: null };
  const failed = openBucket({ settings });
  await expect(failed).rejects.toMatchObject({ code: "S3_REGION_MISSING", exitCode: 78 });
});

test("a failure that passes is tried again by the client itself", async () => {
  await using site = await startFakeSite();
  site.fake.bucket("uploads").put("a.jpg", CONTENT);
  site.fake.faults.add({ kind: "internal-error", times: 1 });
  expect(await headObject(site.bucket, "a.jpg")).not.toBeNull();
});

test("a key of SSE-C goes with every request, as bytes or as base64, and an object is not read without it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-s3-"));
  const key = Buffer.alloc(32, 7);
  await writeFile(join(folder, "raw"), key);
  await writeFile(join(folder, "text"), `${key.toString("base64")}\n`);
  await using site = await startFakeSite();
  const raw = await site.open({ sseCustomerKeyFile: join(folder, "raw") });
  const text = await site.open({ sseCustomerKeyFile: join(folder, "text") });
  const put = { ...raw.place, ...raw.customerKey, Key: "a.jpg", Body: CONTENT.bytes };
  await raw.client.send(new PutObjectCommand(put));
  expect(await headObject(text, "a.jpg")).toMatchObject({ sizeBytes: 7 });
  await expect(headObject(site.bucket, "a.jpg")).rejects.toMatchObject({
    code: "S3_REQUEST_REFUSED",
  });
});

test("a key file that holds no key is refused without showing what it holds", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-s3-"));
  await writeFile(join(folder, "short"), "secret");
  await using site = await startFakeSite();
  const settings = { ...site.bucket.settings, sseCustomerKeyFile: join(folder, "short") };
  const failed = openBucket({ settings });
  await expect(failed).rejects.toMatchObject({ code: "S3_KEY_FILE_INVALID", exitCode: 78 });
  await expect(failed).rejects.not.toThrow(/secret/u);
});

test("requester pays stands in every request", async () => {
  await using site = await startFakeSite({ requesterPays: true });
  await headObject(site.bucket, "a.jpg");
  expect(site.fake.faults.requests[0]?.headers["x-amz-request-payer"]).toBe("requester");
});

test("odd keys come back from a listing as they were", async () => {
  await using site = await startFakeSite();
  const keys = ["a b+c.jpg", "a//b", "../x", "ü%20.jpg", "line\nbreak", "\u0001", "<x>&", "dir/"];
  for (const key of keys) site.fake.bucket("uploads").put(key, CONTENT);
  const { client, place } = site.bucket;
  const list = await client.send(new ListObjectsV2Command({ ...place, EncodingType: "url" }));
  const found = list.Contents?.map(({ Key = "" }) => decodeURIComponent(Key.replaceAll("+", " ")));
  expect(found?.toSorted()).toEqual(keys.toSorted());
  for (const key of keys) expect(await headObject(site.bucket, key)).not.toBeNull();
});

test("a listing goes on page by page, by prefix, delimiter and start", async () => {
  await using site = await startFakeSite();
  for (let i = 0; i < 25; i++) site.fake.bucket("uploads").put(`d${i % 5}/${i}.jpg`, CONTENT);
  const { client, place } = site.bucket;
  const found: string[] = [];
  let token: string | undefined;
  do {
    const page = { ...place, MaxKeys: 4, Prefix: "d", StartAfter: "d1/", ContinuationToken: token };
    const list = await client.send(new ListObjectsV2Command(page));
    found.push(...(list.Contents ?? []).map(({ Key = "" }) => Key));
    token = list.NextContinuationToken;
  } while (token !== undefined);
  expect(found).toHaveLength(20);
  expect(new Set(found).size).toBe(20);
  const folders = await client.send(new ListObjectsV2Command({ ...place, Delimiter: "/" }));
  expect(folders.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual([
    "d0/",
    "d1/",
    "d2/",
    "d3/",
    "d4/",
  ]);
});

test("a stream goes up unframed, and with a checksum behind it where that is supported", async () => {
  await using site = await startFakeSite();
  for (const checksums of ["required", "supported"] as const) {
    const { client, place } = await site.open({ checksums });
    const body = Readable.from([Buffer.from("pic"), Buffer.from("ture")]);
    const put = { ...place, Key: checksums, Body: body, ContentLength: 7 };
    await client.send(new PutObjectCommand(put));
    const got = await client.send(new GetObjectCommand({ ...place, Key: checksums }));
    expect(await got.Body?.transformToString()).toBe("picture");
  }
});
