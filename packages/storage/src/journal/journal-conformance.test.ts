import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeObjectPath } from "@sluice/contracts";
import { MemoryJournal, type Journal } from "@sluice/sources";
import { afterAll, describe, expect, test } from "vitest";
import { allDecided, archive, object, planNext, uploads } from "./journal-fixtures.ts";
import { SqliteJournal } from "./sqlite-journal.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-journal-"));
const opened: SqliteJournal[] = [];
afterAll(() => {
  for (const journal of opened) journal[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

const adapters: [name: string, open: () => Journal][] = [
  ["in memory", () => new MemoryJournal()],
  [
    "in SQLite",
    () => {
      const journal = SqliteJournal.open(join(folder, `${opened.length}.sqlite`));
      opened.push(journal);
      return journal;
    },
  ],
];

const none = { seen: 0, assigned: 0, queued: 0, decided: 0 };
const [a, b, c] = [object("a.jpg"), object("b.jpg"), object("c.jpg")];
const newerA = object("a.jpg", "11-4096-1700000000000000009-1700000000000000009");

describe.each(adapters)("a journal %s", (_name, open) => {
  test("knows nothing at first", () => {
    const journal = open();
    expect(journal.unknown(uploads, [a, b])).toEqual([a, b]);
    expect(journal.nextSeen(uploads, 10)).toEqual([]);
    expect(journal.unqueuedPlans(uploads)).toEqual([]);
    const toChunkId = () => expect.unreachable("there is nothing to make an id of");
    expect(journal.planNext(uploads, { limit: 10, toChunkId })).toBeNull();
    expect(journal.counts(uploads)).toEqual(none);
  });

  test("notes a version once and puts objects in line in the order in which they were seen", () => {
    const journal = open();
    expect(journal.see(uploads, [c, a])).toBe(2);
    expect(journal.see(uploads, [a, b, b])).toBe(1);
    expect(journal.nextSeen(uploads, 2)).toEqual([c, a]);
    expect(journal.nextSeen(uploads, 10)).toEqual([c, a, b]);
    expect(journal.unknown(uploads, [newerA, b])).toEqual([newerA]);
  });

  test("follows an object through its states", () => {
    const journal = open();
    journal.see(uploads, [a]);
    expect(journal.counts(uploads)).toEqual({ ...none, seen: 1 });
    const plan = planNext(journal, 1);
    expect(journal.counts(uploads)).toEqual({ ...none, assigned: 1 });
    journal.markQueued(uploads, { chunkId: plan.chunkId, atMs: 5 });
    expect(journal.counts(uploads)).toEqual({ ...none, queued: 1 });
    expect(journal.undecided(uploads, [b, a, newerA])).toEqual([a]);
    expect(journal.decide(uploads, [a])).toBe(1);
    expect(journal.undecided(uploads, [a])).toEqual([]);
    expect(journal.counts(uploads)).toEqual({ ...none, decided: 1 });
    expect(journal.unknown(uploads, [a])).toEqual([]);
    expect(journal.forget(uploads, [a])).toBe(1);
    expect(journal.counts(uploads)).toEqual(none);
  });

  test("keeps an assigned plan as it was, objects in order, until it is queued", () => {
    const journal = open();
    journal.see(uploads, [c, b, a]);
    const first = planNext(journal, 2);
    const second = planNext(journal, 2);
    expect(first.objects).toEqual([c, b]);
    expect(journal.unqueuedPlans(uploads)).toEqual([first, second]);
    journal.markQueued(uploads, { chunkId: first.chunkId, atMs: 5 });
    expect(journal.unqueuedPlans(uploads)).toEqual([second]);
  });

  test("a changed object leaves its plan and goes to the end of the line", () => {
    const journal = open();
    journal.see(uploads, [a, b]);
    const plan = planNext(journal, 2);
    journal.see(uploads, [c, newerA]);
    expect(journal.nextSeen(uploads, 10)).toEqual([c, newerA]);
    expect(journal.unqueuedPlans(uploads)).toEqual([{ ...plan, objects: [b] }]);
  });

  test("a plan whose objects have all changed or been decided is gone, and acknowledging it does nothing", () => {
    const journal = open();
    journal.see(uploads, [a, b]);
    const plan = planNext(journal, 2);
    journal.see(uploads, [newerA]);
    journal.decide(uploads, [b]);
    expect(journal.unqueuedPlans(uploads)).toEqual([]);
    journal.markQueued(uploads, { chunkId: plan.chunkId, atMs: 5 });
    expect(journal.overduePlans(uploads, { queuedUntilMs: 10, limit: 10 })).toEqual([]);
    expect(journal.counts(uploads)).toEqual({ ...none, seen: 1, decided: 1 });
  });

  test("a decision for a version that was replaced meanwhile changes nothing", () => {
    const journal = open();
    journal.see(uploads, [a]);
    journal.see(uploads, [newerA]);
    expect(journal.decide(uploads, [a])).toBe(0);
    expect(journal.decide(uploads, [b])).toBe(0);
    expect(journal.nextSeen(uploads, 10)).toEqual([newerA]);
  });

  test("a decision counts once, and also for a row that was not queued", () => {
    const journal = open();
    journal.see(uploads, [a]);
    expect(journal.decide(uploads, [a, a])).toBe(1);
    expect(journal.decide(uploads, [a])).toBe(0);
    expect(journal.nextSeen(uploads, 10)).toEqual([]);
  });

  test("a decided object that changes is seen again", () => {
    const journal = open();
    journal.see(uploads, [a]);
    journal.decide(uploads, [a]);
    expect(journal.see(uploads, [newerA])).toBe(1);
    expect(journal.counts(uploads)).toEqual({ ...none, seen: 1 });
  });

  test("a plan taken apart puts its objects back in their old places", () => {
    const journal = open();
    journal.see(uploads, [a, b]);
    const plan = planNext(journal, 2);
    journal.see(uploads, [c]);
    expect(journal.dissolve(uploads, plan.chunkId)).toBe(2);
    expect(journal.dissolve(uploads, plan.chunkId)).toBe(0);
    expect(journal.nextSeen(uploads, 10)).toEqual([a, b, c]);
    expect(planNext(journal, 2)).toEqual(plan);
  });

  test("finds plans that were queued long ago, the longest waiting first, a page at a time", () => {
    const journal = open();
    journal.see(uploads, [a, b, c]);
    const plans = [1, 1, 1].map((limit) => planNext(journal, limit));
    for (const [index, { chunkId }] of plans.entries()) {
      journal.markQueued(uploads, { chunkId, atMs: 30 - index * 10 });
    }
    const overdue = (queuedUntilMs: number, limit: number) =>
      journal.overduePlans(uploads, { queuedUntilMs, limit });
    expect(overdue(20, 10)).toEqual([plans[2], plans[1]]);
    expect(overdue(30, 1)).toEqual([plans[2]]);
    expect(overdue(9, 10)).toEqual([]);
  });

  test("forgets only decided rows of the version given", () => {
    const journal = open();
    journal.see(uploads, [a, b, c]);
    journal.decide(uploads, [a, b]);
    expect(journal.forget(uploads, [newerA, b, c])).toBe(1);
    expect(journal.unknown(uploads, [a, b, c])).toEqual([b]);
  });

  test("lists decided rows in pages, each once", () => {
    const journal = open();
    const objects = ["x/1.jpg", "x.jpg", "ы.jpg", "a.jpg", "x/10.jpg"].map((path) => object(path));
    journal.see(uploads, [...objects, b]);
    journal.decide(uploads, objects);
    for (const pageSize of [1, 2, 100]) {
      const paths = allDecided(journal, pageSize).map(({ path }) => path);
      expect(paths.toSorted()).toEqual(objects.map(({ path }) => path).toSorted());
    }
  });

  test("keeps sources apart", () => {
    const journal = open();
    journal.see(uploads, [a]);
    journal.see(archive, [a, b]);
    journal.decide(archive, [a]);
    expect(journal.counts(uploads)).toEqual({ ...none, seen: 1 });
    expect(journal.counts(archive)).toEqual({ ...none, seen: 1, decided: 1 });
    expect(planNext(journal, 10, uploads).objects).toEqual([a]);
    expect(journal.unqueuedPlans(archive)).toEqual([]);
  });

  test("gives back names that are not UTF-8 and versions that are no file's", () => {
    const journal = open();
    const path = encodeObjectPath(Buffer.from([0x62, 0x61, 0x64, 0xff, 0x0a, 0x25]));
    const odd = [object(path), object("etag.jpg", 'W/"9dd4e461268c8034"'), object("-.jpg", "-")];
    journal.see(uploads, odd);
    expect(journal.nextSeen(uploads, 10)).toEqual(odd);
    expect(journal.unknown(uploads, odd)).toEqual([]);
  });
});
