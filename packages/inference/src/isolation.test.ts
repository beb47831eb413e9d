import fc from "fast-check";
import { expect, test } from "vitest";
import {
  encodeObjectPath,
  objectRefSchema,
  rootNameSchema,
  type Classification,
} from "@sluice/contracts";
import { Dispatcher } from "./dispatcher.ts";
import type { EngineSlot } from "./engine-slot.ts";
import type { EngineItem } from "./ports.ts";

const root = rootNameSchema.parse("uploads");
const clean: Classification = { kind: "gone", reason: "missing" };
const object = (name: string) =>
  objectRefSchema.parse({ path: encodeObjectPath(Buffer.from(name)), version: "1", sizeBytes: 10 });

/**
 * A made-up engine: items go in; `step` lets it finish one, or die when it holds a poisonous one. Dying is as
 * sudden as it gets: everything that it holds is lost.
 */
class FakeEngine {
  readonly #poison: ReadonlySet<string>;
  /** Whether it can tell in whose work it died. */
  readonly #accuses: boolean;
  readonly held: EngineItem[] = [];
  deaths = 0;
  readonly dispatcher: Dispatcher;
  readonly slot: EngineSlot;
  readonly culprits: string[] = [];

  constructor(poison: readonly string[], window: number, { accuses = false } = {}) {
    this.#poison = new Set(poison);
    this.#accuses = accuses;
    this.dispatcher = new Dispatcher({
      maxItemsInFlight: window,
      maxBytesInFlight: 1e9,
      events: {
        suspectsFound: () => undefined,
        culpritNamed: ({ path }) => this.culprits.push(path),
      },
    });
    this.slot = this.dispatcher.addEngine((item) => this.held.push(item));
    this.slot.ready();
  }

  get isBusy(): boolean {
    return this.held.length > 0;
  }

  step(choice: number): void {
    const item = this.held[choice % this.held.length];
    if (item === undefined) return;
    if (this.#poison.has(item.object.path)) return this.die(this.#accuses ? item.id : null);
    this.held.splice(this.held.indexOf(item), 1);
    this.slot.received({ id: item.id, classification: clean });
  }

  die(accused: number | null = null): void {
    this.deaths += 1;
    this.held.length = 0;
    this.slot.lost("crashed", accused);
    this.slot.ready();
  }
}

/** Runs until nothing is held; every step is chosen by the seed. */
async function run(engine: FakeEngine, names: readonly string[], choices: () => number) {
  const lanes = ["live", "bulk"] as const;
  const done = Promise.all(
    lanes.map(async (lane, i) => {
      const objects = names.filter((_, at) => at % 2 === i).map(object);
      const outcomes = await engine.dispatcher.classify({ root, lane, objects, isSuspect: false });
      return outcomes.map((outcome, at) => [objects[at]!.path, outcome.kind] as const);
    }),
  );
  for (let steps = 0; engine.isBusy && steps < 10_000; steps++) engine.step(choices());
  return (await done).flat();
}

const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/u), { minLength: 1, maxLength: 60 });

test("whatever the engine does, every item gets exactly one outcome, and only culprits are named", async () => {
  await fc.assert(
    fc.asyncProperty(
      names,
      fc.integer({ min: 1, max: 40 }),
      fc.infiniteStream(fc.nat(1000)),
      fc.nat(3),
      fc.boolean(),
      async (all, window, stream, poisonous, accuses) => {
        const poison = all.slice(0, poisonous);
        const engine = new FakeEngine(poison, window, { accuses });
        const outcomes = await run(engine, all, () => stream.next().value ?? 0);
        expect(outcomes.map(([path]) => path).toSorted()).toEqual([...all].toSorted());
        const named = outcomes.filter(([, kind]) => kind === "unscannable").map(([path]) => path);
        expect(named.toSorted()).toEqual([...poison].toSorted());
        expect(engine.culprits.toSorted()).toEqual([...poison].toSorted());
      },
    ),
    { numRuns: 300 },
  );
});

test("an engine killed once from outside costs nobody an outcome, not even an image alone in it", async () => {
  const engine = new FakeEngine([], 8);
  const done = engine.dispatcher.classify({
    root,
    lane: "live",
    objects: [object("a")],
    isSuspect: false,
  });
  engine.die();
  while (engine.isBusy) engine.step(0);
  expect(await done).toEqual([clean]);
  expect(engine.culprits).toEqual([]);
});

test("one culprit among 64 is found with few restarts", async () => {
  const all = Array.from({ length: 64 }, (_, i) => `n${i}`);
  const engine = new FakeEngine(["n37"], 64);
  const outcomes = await run(engine, all, () => 0);
  expect(outcomes.filter(([, kind]) => kind === "unscannable")).toEqual([["n37", "unscannable"]]);
  expect(engine.deaths).toBeLessThanOrEqual(10);
});

test("a culprit that the dying engine could name is found in three deaths, its neighbours run together", async () => {
  const all = Array.from({ length: 64 }, (_, i) => `n${i}`);
  const engine = new FakeEngine(["n37"], 64, { accuses: true });
  const outcomes = await run(engine, all, () => 0);
  expect(outcomes.filter(([, kind]) => kind === "unscannable")).toEqual([["n37", "unscannable"]]);
  expect(engine.deaths).toBe(3);
});

test("killed again and again from outside, no group of several and nobody in it is blamed", async () => {
  const all = Array.from({ length: 12 }, (_, i) => `n${i}`);
  const engine = new FakeEngine([], 12);
  let steps = 0;
  const outcomes = await run(engine, all, () => {
    if (++steps % 5 === 0 && engine.held.length > 1) engine.die();
    return 0;
  });
  expect(engine.deaths).toBeGreaterThan(1);
  expect(outcomes).toHaveLength(12);
  expect(engine.culprits).toEqual([]);
});

test("an engine that holds too many bytes gets no more, but one large file goes alone", async () => {
  const big = (name: string) => ({ ...object(name), sizeBytes: 5e8 });
  const engine = new FakeEngine([], 8);
  const done = engine.dispatcher.classify({
    root,
    lane: "live",
    objects: [big("a"), big("b"), { ...object("c"), sizeBytes: 5e9 }, object("d")],
    isSuspect: false,
  });
  const together: string[] = [];
  while (engine.isBusy) {
    together.push(engine.held.map((item) => item.object.path).join("+"));
    engine.step(0);
  }
  await done;
  expect(together).toEqual(["a+b", "b", "c", "d"]);
});

test("an outcome that comes twice, or from an engine that is gone, changes nothing", async () => {
  const engine = new FakeEngine([], 8);
  const objects = ["a", "b"].map(object);
  const done = engine.dispatcher.classify({ root, lane: "live", objects, isSuspect: false });
  const [a, b] = engine.held;
  engine.slot.received({ id: a!.id, classification: clean });
  engine.slot.received({ id: a!.id, classification: clean });
  engine.slot.received({ id: 999, classification: clean });
  expect(engine.dispatcher.itemsInFlight).toBe(1);
  engine.slot.received({ id: b!.id, classification: clean });
  expect(await done).toEqual([clean, clean]);
});

test("live goes before bulk, and order within a lane is kept", async () => {
  const engine = new FakeEngine([], 1);
  const sent: string[] = [];
  const bulk = engine.dispatcher.classify({
    root,
    lane: "bulk",
    objects: ["b1", "b2"].map(object),
    isSuspect: false,
  });
  const live = engine.dispatcher.classify({
    root,
    lane: "live",
    objects: ["l1", "l2"].map(object),
    isSuspect: false,
  });
  while (engine.isBusy) {
    sent.push(engine.held[0]!.object.path);
    engine.step(0);
  }
  await Promise.all([bulk, live]);
  expect(sent).toEqual(["b1", "l1", "l2", "b2"]);
});

test("suspects run alone: never beside anything else", async () => {
  const engine = new FakeEngine([], 8);
  const crowd = engine.dispatcher.classify({
    root,
    lane: "live",
    objects: ["a", "b", "c"].map(object),
    isSuspect: false,
  });
  const suspects = engine.dispatcher.classify({
    root,
    lane: "live",
    objects: ["s1", "s2"].map(object),
    isSuspect: true,
  });
  const together: string[] = [];
  while (engine.isBusy) {
    together.push(engine.held.map((item) => item.object.path).join("+"));
    engine.step(0);
  }
  await Promise.all([crowd, suspects]);
  expect(together).toEqual(["a+b+c", "b+c", "c", "s1", "s2"]);
});
