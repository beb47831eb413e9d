import { expect, test } from "vitest";
import { TEST_CREDENTIALS } from "../../testing/test-bucket.ts";
import { hastyClock, S3Harness, uploads } from "../testing/s3-harness.ts";
import { SqsFeed } from "./sqs-feed.ts";
import { FakeSqs } from "./testing/fake-sqs.ts";
import { amazon, bridge, sns, testEvent } from "./testing/messages.ts";

/** A bucket whose source hears of it from a queue, and is not listed again. */
async function start(harness: S3Harness, queue: FakeSqs): Promise<void> {
  const listed = harness.untilListed();
  await harness.start({
    openFeeds: (desk) => [
      new SqsFeed({
        source: uploads,
        settings: {
          queueUrl: queue.queueUrl,
          region: "eu-central-1",
          profile: null,
          receivers: 2,
          waitMs: 1000,
          visibilityMs: 1000,
        },
        desk,
        clock: hastyClock,
        events: harness.recorder(),
        credentials: TEST_CREDENTIALS,
        onFailed: (error) => harness.failures.push(error),
      }),
    ],
  });
  await listed;
}

test("what messages tell of is looked at and noted, and then they are deleted", async () => {
  await using queue = await FakeSqs.start();
  await using harness = await S3Harness.make();
  await start(harness, queue);
  const keys = Array.from({ length: 25 }, (_, n) => `${n} ü+.jpg`);
  for (const [n, key] of keys.entries()) {
    harness.put(key);
    queue.send(n % 2 === 0 ? amazon(key, String(n)) : sns(bridge(key)));
  }
  queue.send(testEvent);
  await harness.until(() => queue.left.length === 0, "all deleted");
  expect(harness.found).toEqual(keys.toSorted());
});

test("a message comes again until the bucket could be asked, and is deleted then", async () => {
  await using queue = await FakeSqs.start();
  await using harness = await S3Harness.make();
  await start(harness, queue);
  harness.put("a.jpg");
  harness.site.fake.faults.add({ operation: "HeadObject", kind: "access-denied", times: 2 });
  queue.send(amazon("a.jpg"));
  await harness.until(() => harness.outcomes.includes("failed"), "it failed");
  expect(queue.left).toHaveLength(1);
  await harness.until(() => queue.left.length === 0, "it is deleted");
  expect(harness.found).toEqual(["a.jpg"]);
});

test("what cannot be understood, or is about another bucket, is left to the queue and holds up nothing", async () => {
  await using queue = await FakeSqs.start();
  await using harness = await S3Harness.make();
  await start(harness, queue);
  harness.put("a.jpg");
  const poison = ["{", amazon("b.jpg", "1", "another-bucket")];
  for (const body of [...poison, amazon("a.jpg")]) queue.send(body);
  await harness.until(() => queue.left.length === 2, "the good one is deleted");
  await harness.until(() => queue.left.every(({ receives }) => receives > 1), "seen again");
  expect(queue.left.map(({ body }) => body)).toEqual(poison);
  expect(harness.outcomes).toContain("invalid");
  expect(harness.outcomes).toContain("foreign");
  expect(harness.found).toEqual(["a.jpg"]);
});

test("a queue that does not answer is told, listing goes on, and events come when it does", async () => {
  await using queue = await FakeSqs.start();
  await using harness = await S3Harness.make();
  harness.put("listed.jpg");
  queue.failure = { status: 403, name: "AccessDenied" };
  await start(harness, queue);
  await harness.until(() => harness.source.status.feedFailure !== null, "the feed fails");
  expect(harness.told.feedFailed[0]?.error).toMatchObject({ name: "AccessDenied" });
  expect(harness.found).toEqual(["listed.jpg"]);
  queue.failure = null;
  harness.put("told.jpg");
  queue.send(amazon("told.jpg"));
  await harness.until(() => harness.found.includes("told.jpg"), "events come");
  await harness.until(() => harness.source.status.feedFailure === null, "the feed works");
  expect(harness.told.feedRecovered.length).toBeGreaterThan(0);
});
