import { afterAll, beforeAll, describe } from "vitest";
import { testModerationContract } from "../../packages/s3/src/testing/moderation-contract.ts";
import { Radosgw } from "../harness/radosgw.ts";

describe("at Ceph's gateway", () => {
  let server: Radosgw;
  beforeAll(async () => {
    server = await Radosgw.start();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  testModerationContract({
    server: () => ({ endpoint: new URL(server.endpoint), credentials: server.credentials }),
    heedsCopyConditions: false,
  });
});
