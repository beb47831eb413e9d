import { randomOf } from "@sluice/imaging";
import { expect, test, vi } from "vitest";
import { Supervised } from "./testing/supervise.ts";

/** RACE_SEEDS=200 for a long run. */
const SEEDS = Array.from({ length: Number(process.env["RACE_SEEDS"] ?? 3) }, (_, seed) => seed);
const ITEMS = 60;
const ENGINES = 2;

/** What the fixture engine does of each kind, and what must become of the image. */
const KINDS = [
  ["fine", "not-an-image"],
  ["slow", "not-an-image"],
  ["limit", "not-an-image"], // the device has run out of memory: pieces are smaller from now on
  ["crash", "crashed-engine"],
  ["hang", "timeout"],
  ["stuck", "timeout"],
] as const;
/** Most are well or slow; three of sixty bring their engine down. */
const HARMLESS = 3;
const HARMFUL_ITEMS = 3;

function plan(random: (below: number) => number): Map<string, string> {
  const harmful = new Set(Array.from({ length: HARMFUL_ITEMS }, () => random(ITEMS)));
  return new Map(
    Array.from({ length: ITEMS }, (_, i) => {
      const kind = harmful.has(i) ? HARMLESS + random(KINDS.length - HARMLESS) : random(HARMLESS);
      const [name, reason] = KINDS[kind]!;
      return [`${name}-${i}`, reason];
    }),
  );
}

test.each(SEEDS)(
  "crashes, hangs, slow batches, lack of memory and a kill from outside, as seed %i has them: exactly one outcome each, and only culprits are blamed",
  async (seed) => {
    const random = randomOf(seed);
    const expected = plan(random);
    await using supervised = new Supervised({
      engines: ENGINES,
      maxItemsInFlight: 4 + random(12),
      watchdogMs: 1000,
    });
    await supervised.start();
    const names = [...expected.keys()];
    const cut = random(ITEMS);
    const classified = Promise.all([
      supervised.classify(names.slice(0, cut)),
      supervised.classify(names.slice(cut), { isSuspect: random(4) === 0 }),
    ]);

    // One, because an image that is killed twice while it is alone is rightly blamed.
    const victim = supervised.engines[random(ENGINES)]!;
    await vi.waitUntil(() => victim.isReady, { timeout: 30_000 });
    process.kill(victim.pid!, random(2) === 0 ? "SIGKILL" : "SIGSTOP");

    const [first, second] = await classified;
    expect(first.size + second.size).toBe(ITEMS);
    const outcomes = [...first, ...second].map(([name, outcome]): [string, string] => [
      name,
      "reason" in outcome ? outcome.reason : outcome.kind,
    ]);
    expect(new Map(outcomes)).toEqual(expected);
    const culprits = names.filter((name) => expected.get(name) !== "not-an-image");
    expect(supervised.events.culprits.toSorted()).toEqual(culprits.toSorted());
    expect(supervised.dispatcher.itemsInFlight).toBe(0);
    expect(supervised.dispatcher.waitingItems).toBe(0);
  },
  120_000,
);
