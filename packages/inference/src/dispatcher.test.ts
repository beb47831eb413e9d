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
const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`);

interface FakeEngine {
  readonly slot: EngineSlot;
  readonly held: EngineItem[];
}

/** Several made-up engines of one dispatcher; each holds what it was sent until it is told what happens. */
class Engines {
  readonly #poison: ReadonlySet<string>;
  readonly dispatcher: Dispatcher;
  readonly all: FakeEngine[] = [];
  readonly culprits: string[] = [];

  constructor(count: number, { window = 8, poison = [] as readonly string[] } = {}) {
    this.#poison = new Set(poison);
    this.dispatcher = new Dispatcher({
      maxItemsInFlight: window,
      maxBytesInFlight: 1e9,
      events: {
        suspectsFound: () => undefined,
        culpritNamed: ({ path }) => this.culprits.push(path),
      },
    });
    for (let i = 0; i < count; i++) {
      const held: EngineItem[] = [];
      this.all.push({ held, slot: this.dispatcher.addEngine((item) => held.push(item)) });
    }
    for (const { slot } of this.all) slot.ready();
  }

  get alive(): FakeEngine[] {
    return this.all.filter(({ slot }) => !slot.isRetired);
  }

  classify(objects: readonly string[], { isSuspect = false } = {}) {
    return this.dispatcher.classify({
      root,
      lane: "live",
      objects: objects.map(object),
      isSuspect,
    });
  }

  /** The engine finishes one of its items, or dies of it. */
  finish({ held, slot }: FakeEngine, choice: number): void {
    const item = held[choice % held.length];
    if (item === undefined) return;
    if (this.#poison.has(item.object.path)) {
      held.length = 0;
      slot.lost("crashed");
      slot.ready();
      return;
    }
    held.splice(held.indexOf(item), 1);
    slot.received({ id: item.id, classification: clean });
  }

  loseDevice({ held, slot }: FakeEngine, { forEver = false } = {}): void {
    held.length = 0;
    slot.lost("device-lost");
    if (forEver) slot.retire();
    else slot.ready();
  }

  finishAll(): void {
    for (let steps = 0; steps < 10_000; steps++) {
      const busy = this.alive.find(({ held }) => held.length > 0);
      if (busy === undefined) return;
      this.finish(busy, 0);
    }
  }
}

test("items go to the engine that holds the fewest", async () => {
  const engines = new Engines(3);
  const done = engines.classify(names("n", 7));
  expect(engines.all.map(({ held }) => held.length)).toEqual([3, 2, 2]);
  engines.finish(engines.all[2]!, 0);
  engines.finish(engines.all[2]!, 0);
  const more = engines.classify(names("m", 2));
  expect(engines.all.map(({ held }) => held.length)).toEqual([3, 2, 2]);
  engines.finishAll();
  expect([...(await done), ...(await more)]).toHaveLength(9);
});

test("what a lost device held goes to the others, before what waits, and in order", async () => {
  const engines = new Engines(2, { window: 2 });
  const done = engines.classify(names("n", 8));
  engines.loseDevice(engines.all[0]!, { forEver: true });
  const [, other] = engines.all;
  const order: string[] = [];
  while (other!.held.length > 0) {
    order.push(other!.held[0]!.object.path);
    engines.finish(other!, 0);
  }
  expect(order).toEqual(["n1", "n3", "n0", "n2", "n4", "n5", "n6", "n7"]);
  expect(await done).toEqual(names("n", 8).map(() => clean));
});

test("suspects of an engine that never comes back are hunted through by another one, alone", async () => {
  const engines = new Engines(2, { window: 4, poison: ["n2"] });
  const done = engines.classify(names("n", 8));
  const [first, second] = engines.all;
  first!.held.length = 0;
  first!.slot.lost("crashed");
  first!.slot.retire();
  const together: string[][] = [];
  while (second!.held.length > 0) {
    together.push(second!.held.map(({ object: { path } }) => path));
    engines.finish(second!, second!.held.length - 1);
  }
  const suspects = new Set(["n0", "n2", "n4", "n6"]);
  expect(together.every((group) => new Set(group.map((n) => suspects.has(n))).size === 1)).toBe(
    true,
  );
  expect((await done).filter(({ kind }) => kind === "unscannable")).toHaveLength(1);
  expect(engines.culprits).toEqual(["n2"]);
});

test("an image that is lost with device after device becomes a suspect, so it cannot go round for ever", async () => {
  const engines = new Engines(2);
  const done = engines.classify(["n"]);
  for (let losses = 0; losses < 10; losses++) {
    const busy = engines.all.find(({ held }) => held.length > 0);
    if (busy !== undefined) engines.loseDevice(busy);
  }
  expect(await done).toMatchObject([{ kind: "unscannable", reason: "crashed-engine" }]);
  expect(engines.culprits).toEqual(["n"]);
});

test("while one engine hunts the others take new items", async () => {
  const engines = new Engines(2, { window: 4 });
  const first = engines.classify(names("n", 8));
  engines.all[0]!.held.length = 0;
  engines.all[0]!.slot.lost("crashed");
  const later = engines.classify(names("later", 3));
  const [, other] = engines.all;
  while (other!.held.length > 0) engines.finish(other!, 0);
  expect(await later).toHaveLength(3);
  engines.all[0]!.slot.ready();
  engines.finishAll();
  expect(await first).toHaveLength(8);
});

test("a suspect runs alone in its engine", async () => {
  const engines = new Engines(2, { window: 4 });
  const crowd = engines.classify(names("n", 8));
  const suspect = engines.classify(["s"], { isSuspect: true });
  const [hunter] = engines.all;
  while (hunter!.held.length > 1) engines.finish(hunter!, 0);
  expect(hunter!.held.map(({ object: { path } }) => path)).not.toContain("s");
  engines.finish(hunter!, 0);
  expect(hunter!.held.map(({ object: { path } }) => path)).toEqual(["s"]);
  engines.finishAll();
  expect([...(await crowd), ...(await suspect)]).toHaveLength(9);
});

type Step = readonly [engine: number, what: number, choice: number];

test("whatever happens to which engine, every item gets exactly one outcome while one engine lives", async () => {
  const steps = fc.array(fc.tuple(fc.nat(3), fc.nat(30), fc.nat(100)), { maxLength: 200 });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 60 }),
      fc.nat(2),
      steps,
      async (count, window, items, poisonous, schedule) => {
        const all = names("n", items);
        const engines = new Engines(count, { window, poison: all.slice(0, poisonous) });
        const done = engines.classify(all);
        for (const step of schedule) play(engines, step);
        engines.finishAll();
        const outcomes = await done;
        expect(outcomes).toHaveLength(items);
        expect(new Set(engines.culprits).size).toBe(engines.culprits.length);
        for (const name of all.slice(0, poisonous)) expect(engines.culprits).toContain(name);
      },
    ),
    { numRuns: 300 },
  );
});

/** Mostly one item is finished; now and then a device is lost, sometimes for good, but never the last one. */
function play(engines: Engines, [which, what, choice]: Step): void {
  const engine = engines.alive[which % engines.alive.length]!;
  if (what === 0 && engines.alive.length > 1) engines.loseDevice(engine, { forEver: true });
  else if (what === 1) engines.loseDevice(engine);
  else engines.finish(engine, choice);
}
