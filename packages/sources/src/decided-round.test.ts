import { expect, test } from "vitest";
import { DecidedRound } from "./decided-round.ts";
import { objects, uploads } from "./fixtures.ts";
import { MemoryJournal } from "./memory-journal.ts";

test("every decided row comes up once per round, also when rows are forgotten on the way", () => {
  const journal = new MemoryJournal();
  const all = objects(10);
  journal.see(uploads.source, all);
  journal.decide(uploads.source, all);
  const round = new DecidedRound(uploads.source, journal);
  const paths: string[] = [];
  for (const limit of [4, 4, 4]) {
    const page = round.next(limit);
    paths.push(...page.map(({ path }) => path));
    journal.forget(uploads.source, page.slice(0, 2));
  }
  expect(paths.toSorted()).toEqual(all.map(({ path }) => path).toSorted());
  expect(round.next(100)).toHaveLength(4);
});
