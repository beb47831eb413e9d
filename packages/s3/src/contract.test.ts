import { afterAll, beforeAll, describe } from "vitest";
import { startFakeS3, type FakeS3 } from "./testing/fake-s3.ts";
import { testModerationContract } from "./testing/moderation-contract.ts";
import { testReadingContract } from "./testing/reading-contract.ts";
import { TEST_CREDENTIALS } from "./testing/test-bucket.ts";

describe.each([
  { name: "a server that heeds every condition", heeds: true },
  { name: "a server that overlooks some, as radosgw does", heeds: false },
])("at $name", ({ heeds }) => {
  let fake: FakeS3;
  beforeAll(async () => {
    fake = await startFakeS3(heeds ? {} : { ignores: ["delete-if-match", "copy-conditions"] });
  });
  afterAll(() => fake[Symbol.asyncDispose]());

  const server = () => ({ endpoint: fake.endpoint, credentials: TEST_CREDENTIALS });
  testReadingContract(server);
  testModerationContract({
    server,
    heedsCopyConditions: heeds,
  });
});
