import type { ChunkJob } from "@sluice/contracts";
import { describe, expect, test } from "vitest";
import { until } from "./ingest-site.ts";
import { LineSite, type SourcePlace } from "./line-site.ts";

/** A source that uploads are sent to, and somebody who sends them. */
export interface UploadPlace extends AsyncDisposable {
  readonly settings: Pick<SourcePlace, "root" | "source">;
  /** Sends an upload without waiting for its decision. Rejects when it was not taken. */
  upload(content: string): Promise<void>;
  /** Sends half of one and goes away. */
  breakOff(): Promise<void>;
}

/**
 * What every kind of source that receives uploads promises: the same as those that find objects (line-conformance.ts), as far as uploads
 * have neither names nor versions. Uploads are told apart by their lengths here.
 */
export function describeUploadLine(kind: string, makePlace: () => Promise<UploadPlace>): void {
  describe(`a source of kind ${kind}`, () => {
    describeSending(makePlace);
    describeWaiting(makePlace);
  });
}

function describeSending(makePlace: () => Promise<UploadPlace>): void {
  test("sends each upload once, the same bytes as often as they come, and none of which half came", async () => {
    await using opened = await open(makePlace);
    const { place, site } = opened;
    await using line = await site.open();
    await place.upload("1");
    await place.breakOff();
    await Promise.all([place.upload("22"), place.upload("22"), place.upload("333")]);
    await untilSent(site, [1, 2, 2, 3]);
    expect(new Set(site.sentNames).size).toBe(4);
    await until(() => line.readiness(Date.now()).isReady, "ready");
  });

  test("after a restart sends what was taken and not sent, and not what was decided", async () => {
    await using opened = await open(makePlace);
    const { place, site } = opened;
    const first = await site.open();
    await place.upload("1");
    await untilSent(site, [1]);
    site.decideAll(first);
    await first[Symbol.asyncDispose]();
    const quiet = await site.open({ quietHours: ["00:00-24:00"] });
    await place.upload("22");
    await until(() => quiet.senderState === "paced", "paced");
    await until(() => site.counts.seen + site.counts.assigned === 1, "noted");
    await quiet[Symbol.asyncDispose]();
    expect(lengths(site)).toEqual([1]);
    await using _last = await site.open();
    await place.upload("333");
    await untilSent(site, [1, 2, 3]);
  });

  test("killed between the add and its acknowledgement, the next process sends the same chunk id first", async () => {
    await using opened = await open(makePlace);
    const { place, site } = opened;
    const before: ChunkJob[] = [];
    const answer = Promise.withResolvers<void>();
    const killed = await site.open({}, async (chunk) => {
      before.push(chunk);
      await answer.promise;
    });
    await place.upload("1");
    await until(() => before.length === 1, "an add in flight");
    const gone = killed[Symbol.asyncDispose]();
    await until(() => killed.senderState === "stopping", "nothing but the add under way");
    await using _next = await site.open();
    await place.upload("22");
    await untilSent(site, [1, 2]);
    expect(site.sent[0]?.id).toBe(before[0]?.id);
    answer.resolve();
    await gone;
  });
}

function describeWaiting(makePlace: () => Promise<UploadPlace>): void {
  test("takes uploads while the queue is full, and the journal remembers", async () => {
    await using opened = await open(makePlace);
    const { place, site } = opened;
    site.waiting = 10;
    await using line = await site.open();
    await Promise.all(Array.from({ length: 20 }, async () => await place.upload("1")));
    await until(() => line.senderState === "held-back", "held back");
    await until(() => site.counts.seen + site.counts.assigned === 20, "all of them noted");
    expect(site.sent).toEqual([]);
    site.waiting = 0;
    await until(() => site.sentObjects.length === 20, "all of them sent");
    expect(new Set(site.sentNames).size).toBe(20);
  });

  test("takes no more than may wait, tells so, and goes on when there is room again", async () => {
    await using opened = await open(makePlace);
    const { place, site } = opened;
    await using line = await site.open({ maxPending: 1 });
    await place.upload("1");
    await untilSent(site, [1]);
    await expect(place.upload("22")).rejects.toThrow(/too many wait|UPLOADS_FULL/u);
    site.decideAll(line);
    const isTaken = async (): Promise<boolean> =>
      await place.upload("333").then(
        () => true,
        () => false, // its place is free when the first one is on disk
      );
    await until(isTaken, "there is room again");
    await untilSent(site, [1, 3]);
  });
}

async function open(makePlace: () => Promise<UploadPlace>) {
  const stack = new AsyncDisposableStack();
  const place = stack.use(await makePlace());
  const site = stack.use(new LineSite({ ...place.settings, ...UNUSED }));
  return { place, site, [Symbol.asyncDispose]: async () => await stack.disposeAsync() };
}

/** Of the places where objects are found. */
const UNUSED = {
  put: async () => await Promise.resolve(),
  remove: async () => await Promise.resolve(),
  hint: null,
  [Symbol.asyncDispose]: async () => await Promise.resolve(),
};

function lengths(site: LineSite): number[] {
  return site.sentObjects.map(({ sizeBytes }) => sizeBytes).toSorted((a, b) => a - b);
}

async function untilSent(site: LineSite, sizes: readonly number[]): Promise<void> {
  await until(() => site.sentObjects.length >= sizes.length, `${sizes.join(", ")} sent`);
  expect(lengths(site)).toEqual(sizes);
}
