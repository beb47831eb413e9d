import type { ChunkJob } from "@sluice/contracts";
import { describe, expect, test } from "vitest";
import { until } from "./ingest-site.ts";
import { LineSite, type SourcePlace } from "./line-site.ts";

/**
 * What every kind of source promises, from the place where its objects lie to the queue: a hint is only a hint, every version is sent once
 * whatever process ends and whenever, and a source that must wait remembers.
 */
export function describeLine(kind: string, makePlace: () => Promise<SourcePlace>): void {
  describe(`a source of kind ${kind}`, () => {
    describeFinding(makePlace);
    describeRestarting(makePlace);
    describeWaiting(makePlace);
  });
}

const NAMES = [
  "a.jpg",
  "deep/er/b.jpg",
  "ü +&%20.jpg",
  "line\nbreak.jpg",
  `quo"te'.jpg`,
  ".hidden",
];

function describeFinding(makePlace: () => Promise<SourcePlace>): void {
  test("finds what is there and what comes, under whatever name, and sends each version once", async () => {
    await using place = await makePlace();
    await using site = new LineSite(place);
    const [last = "", ...before] = NAMES;
    for (const name of before) await place.put(name);
    await using line = await site.open();
    await until(() => site.sent.length > 0, "what was there");
    await place.put(last);
    await untilSent(site, NAMES);
    for (const name of NAMES) await place.hint?.(name);
    await place.put("after-the-hints.jpg");
    await untilSent(site, ["after-the-hints.jpg"]);
    await until(() => line.readiness(Date.now()).isReady, "ready");
    expect(site.sentNames.toSorted()).toEqual([...NAMES, "after-the-hints.jpg"].toSorted());
  });

  test("sends a changed object again, in its new version", async () => {
    await using place = await makePlace();
    await using site = new LineSite(place);
    await place.put("a.jpg", "one");
    await using line = await site.open();
    await untilSent(site, ["a.jpg"]);
    site.decideAll(line);
    await place.put("a.jpg", "another");
    await until(() => site.sentObjects.length === 2, "the new version");
    const [first, second] = site.sentObjects;
    expect(second).toMatchObject({ path: "a.jpg", sizeBytes: 7 });
    expect(second?.version).not.toBe(first?.version);
  });

  test("forgets an object that is gone once it is decided, and takes it for new when it comes again", async () => {
    await using place = await makePlace();
    await using site = new LineSite(place);
    await place.put("stays.jpg");
    await place.put("goes.jpg");
    await using line = await site.open();
    await untilSent(site, ["stays.jpg", "goes.jpg"]);
    site.decideAll(line);
    await place.remove("goes.jpg");
    await until(() => site.counts.decided === 1, "it is forgotten");
    await place.put("goes.jpg", "again");
    await until(() => site.sentObjects.length === 3, "it is sent again");
    expect(site.sentNames.at(-1)).toBe("goes.jpg");
  });

  test("is not harmed by hints about what never was, or is gone", async () => {
    await using place = await makePlace();
    await using site = new LineSite(place);
    await place.put("gone.jpg");
    await place.remove("gone.jpg");
    await using _line = await site.open();
    for (const name of ["never.jpg", "gone.jpg", "../outside", "a//b"]) await place.hint?.(name);
    await place.put("real.jpg");
    await untilSent(site, ["real.jpg"]);
    expect(site.sentNames).toEqual(["real.jpg"]);
  });
}

function describeRestarting(makePlace: () => Promise<SourcePlace>): void {
  test("after a restart sends what is new or changed, and not what was decided", async () => {
    await using place = await makePlace();
    await using site = new LineSite(place);
    for (const name of ["same.jpg", "changed.jpg"]) await place.put(name);
    const first = await site.open();
    await untilSent(site, ["same.jpg", "changed.jpg"]);
    site.decideAll(first);
    await first[Symbol.asyncDispose]();
    await place.put("changed.jpg", "another");
    await place.put("new.jpg");
    await using _second = await site.open();
    await until(() => site.sentObjects.length >= 4, "what is new or changed");
    await place.put("last.jpg");
    await untilSent(site, ["last.jpg"]);
    expect(site.sentNames.toSorted()).toEqual(
      ["changed.jpg", "changed.jpg", "last.jpg", "new.jpg", "same.jpg"].toSorted(),
    );
  });

  test("killed between the add and its acknowledgement, the next process sends the same chunk id first", async () => {
    await using place = await makePlace();
    await using site = new LineSite(place);
    for (const name of ["a.jpg", "b.jpg"]) await place.put(name);
    const before: ChunkJob[] = [];
    const answer = Promise.withResolvers<void>();
    const killed = await site.open({}, async (chunk) => {
      before.push(chunk);
      await answer.promise;
    });
    await until(() => before.length === 1, "an add in flight");
    // The journal is then as a kill leaves it: nothing is found any more, and the add is never acknowledged.
    const gone = killed[Symbol.asyncDispose]();
    await until(() => killed.senderState === "stopping", "nothing but the add under way");
    await place.put("later.jpg");
    await using _next = await site.open();
    await untilSent(site, ["a.jpg", "b.jpg", "later.jpg"]);
    expect(site.sent[0]?.id).toBe(before[0]?.id);
    expect(site.sent[0]?.objects).toEqual(before[0]?.objects);
    expect(site.sentNames.toSorted()).toEqual(["a.jpg", "b.jpg", "later.jpg"]);
    answer.resolve();
    await gone;
  });
}

function describeWaiting(makePlace: () => Promise<SourcePlace>): void {
  test("sends nothing while the queue is full, and the journal remembers", async () => {
    await using place = await makePlace();
    await using site = new LineSite(place);
    site.waiting = 10;
    for (let n = 0; n < 100; n++) await place.put(`${n}.jpg`);
    await using line = await site.open();
    await until(() => line.senderState === "held-back", "held back");
    await until(() => total(site) === 100, "all of them noted");
    expect(site.sent).toEqual([]);
    site.waiting = 0;
    await until(() => site.sentObjects.length === 100, "all of them sent");
    expect(new Set(site.sentNames).size).toBe(100);
  });

  test("finds and notes in quiet hours, and sends nothing until they end", async () => {
    await using place = await makePlace();
    await using site = new LineSite(place);
    for (const name of ["a.jpg", "b.jpg"]) await place.put(name);
    const quiet = await site.open({ quietHours: ["00:00-24:00"] });
    await until(() => quiet.senderState === "paced", "paced");
    await until(() => total(site) === 2, "both noted");
    await quiet[Symbol.asyncDispose]();
    expect(site.sent).toEqual([]);
    await using _loud = await site.open();
    await untilSent(site, ["a.jpg", "b.jpg"]);
  });
}

async function untilSent(site: LineSite, names: readonly string[]): Promise<void> {
  const hasAll = (): boolean => {
    const sent = site.sentNames;
    return names.every((name) => sent.includes(name));
  };
  await until(hasAll, `${names.join(", ")} sent`);
}

function total({ counts: { seen, assigned, queued, decided } }: LineSite): number {
  return seen + assigned + queued + decided;
}
