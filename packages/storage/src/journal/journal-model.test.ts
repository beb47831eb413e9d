import type { ObjectRef } from "@sluice/contracts";
import { MemoryJournal, type Journal } from "@sluice/sources";
import fc from "fast-check";
import { expect, test } from "vitest";
import { allDecided, object, planNext, uploads } from "./journal-fixtures.ts";
import { SqliteJournal } from "./sqlite-journal.ts";

const anyObject = fc
  .tuple(
    fc.constantFrom("a", "b", "c", "d/e", "d/f"),
    fc.constantFrom("1-1-1-1", "1-1-1-2", "etag"),
  )
  .map(([path, version]) => object(path, version));
const someObjects = fc.array(anyObject, { minLength: 1, maxLength: 4 });

interface Command {
  readonly name: string;
  readonly objects: readonly ObjectRef[];
  readonly n: number;
}

const command: fc.Arbitrary<Command> = fc.record({
  name: fc.constantFrom("see", "assign", "markQueued", "dissolve", "decide", "forget", "overdue"),
  objects: someObjects,
  n: fc.integer({ min: 1, max: 3 }),
});

/** Runs a command; what it gives back, and all that can be seen of the journal afterwards. */
function run(journal: Journal, { name, objects, n }: Command, step: number): unknown {
  const plans = [
    ...journal.unqueuedPlans(uploads),
    ...journal.overduePlans(uploads, { queuedUntilMs: step, limit: 100 }),
  ];
  const chunkId = plans[n]?.chunkId ?? plans[0]?.chunkId;
  const act = (): unknown => {
    if (name === "see") return journal.see(uploads, objects);
    if (name === "decide") return journal.decide(uploads, objects);
    if (name === "forget") return journal.forget(uploads, objects);
    if (name === "overdue") return journal.overduePlans(uploads, { queuedUntilMs: step, limit: n });
    if (name === "assign") return journal.counts(uploads).seen > 0 && planNext(journal, n);
    if (chunkId === undefined) return null;
    if (name === "dissolve") return journal.dissolve(uploads, chunkId);
    return journal.markQueued(uploads, { chunkId, atMs: step });
  };
  return {
    result: act(),
    line: journal.nextSeen(uploads, 100),
    unqueued: journal.unqueuedPlans(uploads),
    counts: journal.counts(uploads),
    unknown: journal.unknown(uploads, objects),
    decided: allDecided(journal, 2).toSorted((x, y) => (x.path < y.path ? -1 : 1)),
  };
}

test("after any commands the SQLite journal shows what the plain one shows", () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 30 }), (commands) => {
      const model = new MemoryJournal();
      using journal = SqliteJournal.open(":memory:");
      for (const [step, next] of commands.entries()) {
        expect(run(journal, next, step)).toEqual(run(model, next, step));
      }
    }),
    { numRuns: 200 },
  );
});
