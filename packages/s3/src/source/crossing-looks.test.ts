import { expect, test } from "vitest";
import type { EventDesk } from "./events/event-desk.ts";
import { amazon } from "./events/testing/messages.ts";
import { S3Harness, uploads } from "./testing/s3-harness.ts";

/** Holds back the next answer of a kind after the server has made it. */
function holdNext({ bucket }: S3Harness, command: string) {
  const isHeld = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  let isOver = false;
  bucket.client.middlewareStack.add(
    (next, context) => async (args) => {
      const answer = await next(args);
      if (context.commandName !== command || isOver) return answer;
      isOver = true;
      isHeld.resolve();
      await release.promise;
      return answer;
    },
    { step: "deserialize", priority: "low" },
  );
  return { held: isHeld.promise, release: () => release.resolve() };
}

async function startWithDesk(harness: S3Harness, reconcileEveryMs = 6_000_000): Promise<EventDesk> {
  let desk: EventDesk | null = null;
  await harness.start({
    reconcileEveryMs,
    openFeeds: (given) => {
      desk = given;
      return [];
    },
  });
  if (desk === null) throw new Error("expected a desk");
  return desk;
}

test("a page that was made before an event's look does not bring the older version back", async () => {
  await using harness = await S3Harness.make();
  harness.put("a.jpg", "one");
  harness.put("b.jpg");
  const page = holdNext(harness, "ListObjectsV2Command");
  const desk = await startWithDesk(harness);
  await page.held;
  harness.put("a.jpg", "two, longer");
  await desk.take("webhook", amazon("a.jpg"));
  const [newer] = harness.seen;
  harness.decideAll();
  const listed = harness.untilListed();
  page.release();
  await listed;
  await harness.until(() => harness.found.includes("b.jpg"), "the rest of the page");
  expect(newer?.sizeBytes).toBe(11);
  expect(harness.found).toEqual(["b.jpg"]);
  await harness.source.stop();
  expect(harness.journal.unknown(uploads, newer === undefined ? [] : [newer])).toEqual([]);
});

test("a look whose answer is old when a page comes is asked again", async () => {
  await using harness = await S3Harness.make();
  const look = holdNext(harness, "HeadObjectCommand");
  const desk = await startWithDesk(harness, 10_000);
  harness.put("a.jpg", "one");
  const taken = desk.take("webhook", amazon("a.jpg"));
  await look.held;
  harness.put("a.jpg", "two, longer");
  await harness.untilListed();
  look.release();
  await taken;
  await harness.until(() => harness.seen[0]?.sizeBytes === 11, "the newer version");
  expect(countHeads(harness)).toBeGreaterThan(1);
});

test("events about one key that come together are looked at once after the last of them", async () => {
  await using harness = await S3Harness.make();
  const desk = await startWithDesk(harness);
  await harness.untilListed();
  harness.put("a.jpg");
  const look = holdNext(harness, "HeadObjectCommand");
  const first = desk.take("webhook", amazon("a.jpg", "1"));
  await look.held;
  harness.put("a.jpg", "two, longer");
  const others = [2, 3, 4].map(async (n) => await desk.take("webhook", amazon("a.jpg", `${n}`)));
  look.release();
  await Promise.all([first, ...others]);
  expect(harness.seen[0]?.sizeBytes).toBe(11);
  expect(countHeads(harness)).toBe(2);
});

function countHeads({ site }: S3Harness): number {
  return site.fake.faults.requests.filter(({ operation }) => operation === "HeadObject").length;
}
