import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { headObject } from "../client/head-object.ts";
import { startFakeSite } from "../testing/test-bucket.ts";
import { copyNewObject } from "./copy-object.ts";
import { putNewObject } from "./put-object.ts";

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield await Promise.resolve(Buffer.from(text));
}

test("an upload names the key of KMS, says who pays, and overwrites nothing", async () => {
  await using site = await startFakeSite({ kmsKeyId: "alias/site", requesterPays: true });
  const upload = { key: "a.jpg", bytes: pieces("pic", "ture"), sizeBytes: 7, fields: {} };
  expect(await putNewObject(site.bucket, upload)).toBe("stored");
  const again = { ...upload, bytes: pieces("othe", "rs!") };
  expect(await putNewObject(site.bucket, again)).toBe("exists");
  expect(site.fake.bucket("uploads").find("a.jpg")?.bytes.toString()).toBe("picture");
  expect(site.fake.faults.requests[0]?.headers).toMatchObject({
    "x-amz-server-side-encryption": "aws:kms",
    "x-amz-server-side-encryption-aws-kms-key-id": "alias/site",
    "x-amz-request-payer": "requester",
    "if-none-match": "*",
  });
});

test("an upload whose bytes break off makes no object", async () => {
  await using site = await startFakeSite();
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield* pieces("pic");
    throw new Error("the disk is away");
  }
  const upload = { key: "a.jpg", bytes: broken(), sizeBytes: 7, fields: {} };
  await expect(putNewObject(site.bucket, upload)).rejects.toThrow("the disk is away");
  expect(site.fake.bucket("uploads").find("a.jpg")).toBeNull();
});

test("a server that copies gets the keys of both sides", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-s3-"));
  await writeFile(join(folder, "one"), Buffer.alloc(32, 1));
  await writeFile(join(folder, "two"), Buffer.alloc(32, 2));
  await using site = await startFakeSite();
  const one = await site.open({ sseCustomerKeyFile: join(folder, "one") });
  const two = await site.open({ sseCustomerKeyFile: join(folder, "two"), bucket: "published" });
  await putNewObject(one, { key: "a b.jpg", bytes: pieces("x"), sizeBytes: 1, fields: {} });
  const head = await headObject(one, "a b.jpg");
  if (head === null) throw new Error("expected the object to be there");
  const from = { bucket: one, key: "a b.jpg", head };
  expect(await copyNewObject(from, { bucket: two, key: "a b.jpg" })).toBe("stored");
  expect(await headObject(two, "a b.jpg")).toMatchObject({ sizeBytes: 1 });
  expect(await copyNewObject(from, { bucket: two, key: "a b.jpg" })).toBe("refused");
});
