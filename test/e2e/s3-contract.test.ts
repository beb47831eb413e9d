import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DECISION_TAG, S3Originals } from "../../packages/s3/src/index.ts";
import { ContractSite } from "../../packages/s3/src/testing/contract-site.ts";
import { testModerationContract } from "../../packages/s3/src/testing/moderation-contract.ts";
import { testReadingContract } from "../../packages/s3/src/testing/reading-contract.ts";
import { Radosgw } from "../harness/radosgw.ts";

describe("at Ceph's gateway", () => {
  let radosgw: Radosgw;
  beforeAll(async () => {
    radosgw = await Radosgw.start();
  });
  afterAll(() => radosgw[Symbol.asyncDispose]());

  const server = () => ({
    endpoint: new URL(radosgw.endpoint),
    credentials: radosgw.credentials,
  });
  testReadingContract(server);
  testModerationContract({ server, heedsCopyConditions: false });

  test("whoever may read and tag but not remove leaves the object where it is, with its tag", async () => {
    using owner = await ContractSite.make(server());
    const clerk = await radosgw.addUser("clerk");
    await owner.allow([
      {
        Effect: "Allow",
        Principal: { AWS: ["arn:aws:iam:::user/clerk"] },
        Action: [
          "s3:ListBucket",
          "s3:GetObject",
          "s3:GetObjectTagging",
          "s3:PutObjectTagging",
          "s3:DeleteObjectTagging",
        ],
        Resource: [`arn:aws:s3:::${owner.bucketName}`, `arn:aws:s3:::${owner.bucketName}/*`],
      },
    ]);
    using site = await owner.as(clerk);
    const told: string[] = [];
    const originals = new S3Originals({
      buckets: site.buckets,
      events: {
        originalLocked: () => void told.push("locked"),
        markRefused: () => void told.push("mark refused"),
      },
      onStep: () => undefined,
    });
    const original = owner.original("in/a.jpg", await owner.put("in/a.jpg", "bytes"));
    expect(await originals.remove(original)).toBe("locked");
    await originals.mark(original);
    expect(told).toEqual(["locked"]);
    const tags = { [DECISION_TAG]: "quarantine" };
    expect(await owner.see("in/a.jpg")).toMatchObject({ text: "bytes", tags });
    await originals.unmark(original);
    expect(await owner.see("in/a.jpg")).toMatchObject({ tags: {} });
  });
});
