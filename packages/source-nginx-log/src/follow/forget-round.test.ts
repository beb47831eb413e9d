import { encodeObjectPath, objectRefSchema, sourceNameSchema } from "@sluice/contracts";
import { MemoryJournal, type Looked } from "@sluice/sources";
import { expect, test } from "vitest";
import { ForgetRound } from "./forget-round.ts";

const web = sourceNameSchema.parse("web");
const EVERY_MS = 1000;

/** A journal with so many decided rows, all of them gone from where they lay unless told otherwise. */
function setUp(rows: number, { looked = { kind: "missing" } as Looked, hasMoved = false } = {}) {
  const journal = new MemoryJournal();
  const objects = Array.from({ length: rows }, (_, index) =>
    objectRefSchema.parse({
      path: encodeObjectPath(Buffer.from(`${String(index).padStart(6, "0")}.jpg`)),
      version: "1",
      sizeBytes: 1,
    }),
  );
  journal.see(web, objects);
  journal.decide(web, objects);
  const time = { ms: 0 };
  let looks = 0;
  const round = new ForgetRound({
    source: web,
    journal,
    looker: {
      hasMoved: () => hasMoved,
      async look(paths) {
        looks += paths.length;
        return await Promise.resolve(paths.map(() => looked));
      },
    },
    clock: { nowMs: () => time.ms, schedule: () => () => undefined },
    reconcileEveryMs: EVERY_MS,
  });
  const work = async (): Promise<{ looks: number; left: number }> => {
    while (await round.work());
    return { looks, left: journal.counts(web).decided };
  };
  return { time, work };
}

test("what is gone is forgotten, all of it at once where nearly everything is", async () => {
  const { time, work } = setUp(1000);
  expect(await work()).toEqual({ looks: 0, left: 1000 });
  time.ms = EVERY_MS;
  expect(await work()).toEqual({ looks: 1000, left: 0 });
});

test("where objects stay, only a page is looked at each time", async () => {
  const { time, work } = setUp(1000, { looked: { kind: "directory" } });
  time.ms = EVERY_MS;
  expect(await work()).toEqual({ looks: 256, left: 1000 });
  expect(await work()).toEqual({ looks: 256, left: 1000 });
  time.ms = 2 * EVERY_MS;
  expect(await work()).toEqual({ looks: 512, left: 1000 });
});

test("nothing is forgotten while nobody can tell, or another place lies there", async () => {
  const away = setUp(300, { looked: { kind: "unavailable", code: "ENOENT" } });
  const moved = setUp(300, { hasMoved: true });
  away.time.ms = EVERY_MS;
  moved.time.ms = EVERY_MS;
  expect([(await away.work()).left, (await moved.work()).left]).toEqual([300, 300]);
});
