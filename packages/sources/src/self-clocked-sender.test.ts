import { setImmediate as turn } from "node:timers/promises";
import { policyNameSchema, type ObjectRef, type PolicyName } from "@sluice/contracts";
import { describe, expect, test } from "vitest";
import { FakeClock } from "./fake-clock.ts";
import { FakeQueue, type AddFate } from "./fake-queue.ts";
import { object, objects, recordEvents, uploads } from "./fixtures.ts";
import { MemoryJournal } from "./memory-journal.ts";
import type { Pace } from "./pacer.ts";
import { SelfClockedSender } from "./self-clocked-sender.ts";
import { chunkIdOf } from "./source-binding.ts";

const { source } = uploads;

/** A sender over fakes; `journal` may be shared with an earlier one, as after a restart. */
function openSender({
  fate = () => "acknowledged",
  journal = new MemoryJournal(),
  maxWaitingChunks = 100,
  policy = uploads.policy,
  pace,
}: {
  fate?: () => AddFate | Promise<AddFate>;
  journal?: MemoryJournal;
  maxWaitingChunks?: number;
  policy?: PolicyName;
  pace?: Pace;
} = {}) {
  const clock = new FakeClock();
  const queue = new FakeQueue(fate);
  const events = recordEvents();
  const failures: unknown[] = [];
  const sender = new SelfClockedSender({
    binding: { ...uploads, policy },
    journal,
    clock,
    chunkSender: queue,
    ...(pace !== undefined && { pace }),
    events,
    maxChunkObjects: 4,
    maxWaitingChunks,
    resendAfterMs: 60_000,
    onFailed: (error) => failures.push(error),
  });
  const see = (...seen: ReturnType<typeof objects>) => {
    journal.see(source, seen);
    sender.wake();
  };
  const sizes = () => queue.accepted.map((chunk) => chunk.objects.length);
  return { sender, queue, journal, clock, events, failures, see, sizes };
}

describe("while no add is in flight", () => {
  test("one object goes at once, alone", async () => {
    const { sender, see, sizes, journal } = openSender();
    sender.start();
    see(object("a.jpg"));
    await turn();
    expect(sizes()).toEqual([1]);
    expect(journal.counts(source).queued).toBe(1);
    await sender.stop();
  });
});

describe("with a pace", () => {
  test("a source that has had its share waits, and goes on by itself", async () => {
    const pace = { maxPerSecond: 4, quietHours: [], timeZone: "UTC" };
    const { sender, see, sizes, clock } = openSender({ pace });
    sender.start();
    see(...objects(12));
    await turn();
    expect(sizes()).toEqual([4, 4]); // what an idle second had saved up, and one more chunk
    expect(sender.state).toBe("paced");
    clock.advance(1000);
    await turn();
    expect(sizes()).toEqual([4, 4, 4]);
    await sender.stop();
    expect(clock.pending).toBe(0);
  });

  test("in a quiet hour nothing goes, and a stop does not wait for its end", async () => {
    const pace = { maxPerSecond: null, quietHours: [{ from: 0, until: 1440 }], timeZone: "UTC" };
    const { sender, see, sizes } = openSender({ pace });
    sender.start();
    see(object("a.jpg"));
    await turn();
    expect([sizes(), sender.state]).toEqual([[], "paced"]);
    await sender.stop();
  });
});

describe("while an add is in flight", () => {
  test("objects collect and go together when it is acknowledged, never more than the limit", async () => {
    const gate = Promise.withResolvers<AddFate>();
    const fates = [gate.promise];
    const { sender, see, sizes, queue } = openSender({
      fate: () => fates.shift() ?? "acknowledged",
    });
    sender.start();
    see(object("first.jpg"));
    await turn();
    see(...objects(6));
    await turn();
    expect(queue.addsInFlight).toBe(1);
    gate.resolve("acknowledged");
    await turn();
    expect(sizes()).toEqual([1, 4, 2]);
    expect(queue.mostInFlight).toBe(1);
    await sender.stop();
  });
});

describe("when the queue is away", () => {
  test("the same chunk is tried again, although more has come, until it is acknowledged", async () => {
    const fates: AddFate[] = ["refused", "lost-answer"];
    const { sender, see, sizes, queue, clock, events } = openSender({
      fate: () => fates.shift() ?? "acknowledged",
    });
    sender.start();
    see(object("a.jpg"));
    await turn();
    see(object("b.jpg"));
    expect(sender.state).toBe("backing-off");
    for (const delayMs of [100, 200]) {
      clock.advance(delayMs);
      await turn();
    }
    expect(sizes()).toEqual([1, 1]);
    expect(queue.adds).toBe(4);
    expect(events.log.map(([name]) => name)).toEqual([
      "queueUnavailable",
      "queueUnavailable",
      "queueRecovered",
      "chunkSent",
      "chunkSent",
    ]);
    expect(events.log[3]?.[1]).toMatchObject({ isRepeat: true });
    await sender.stop();
  });

  test("an error that waiting cannot cure ends the sender and is told", async () => {
    const { sender, see, failures } = openSender({
      fate: () => {
        throw new TypeError("a bug");
      },
    });
    sender.start();
    see(object("a.jpg"));
    await turn();
    expect(sender.state).toBe("stopped");
    expect(failures).toEqual([new TypeError("a bug")]);
  });
});

describe("when the queue is full", () => {
  test("nothing is sent until workers have taken some, and never too much", async () => {
    const { sender, see, queue, clock, events } = openSender({ maxWaitingChunks: 2 });
    sender.start();
    see(...objects(20));
    await turn();
    expect(sender.state).toBe("held-back");
    expect(queue.waiting.size).toBe(2);
    expect(events.log.at(-1)).toEqual(["queueFull", { waitingChunks: 2 }]);
    clock.advance(1000);
    await turn();
    expect(events.log.filter(([name]) => name === "queueFull")).toHaveLength(1);
    const taken = [...queue.waiting.keys()].slice(0, 1);
    for (const id of taken) queue.waiting.delete(id);
    clock.advance(250);
    await turn();
    expect(queue.accepted.length).toBe(3);
    expect(queue.mostWaiting).toBe(2);
    await sender.stop();
  });
});

describe("after a crash", () => {
  test("between the add and its acknowledgement the same chunk id is sent again, first", async () => {
    const never = new Promise<AddFate>(() => undefined);
    const before = openSender({ fate: async () => await never });
    before.sender.start();
    before.see(object("a.jpg"), object("b.jpg"));
    await turn();
    before.journal.see(source, [object("later.jpg")]);
    const lost = before.journal.unqueuedPlans(source);
    // The process dies here; only the journal is left.
    const after = openSender({ journal: before.journal });
    after.sender.start();
    await turn();
    expect(after.queue.accepted.map(({ id }) => id).slice(0, 1)).toEqual([lost[0]?.chunkId]);
    expect(after.sizes()).toEqual([2, 1]);
    expect(after.events.log[0]).toMatchObject(["chunkSent", { isRepeat: true }]);
    await after.sender.stop();
  });

  test("an assigned plan whose object has changed is taken apart and planned anew", async () => {
    const { sender, journal, queue, events } = openSender();
    const [a, b] = [object("a.jpg"), object("b.jpg")];
    journal.see(source, [a, b]);
    const toChunkId = (planned: readonly ObjectRef[]) => chunkIdOf(uploads, planned);
    const plan = journal.planNext(source, { limit: 2, toChunkId });
    journal.see(source, [object("b.jpg", "newer")]);
    sender.start();
    await turn();
    expect(events.log[0]).toEqual(["planDissolved", { chunkId: plan?.chunkId, objects: 1 }]);
    expect(queue.accepted.map(({ objects: sent }) => sent)).toEqual([
      [a, object("b.jpg", "newer")],
    ]);
    await sender.stop();
  });

  test("a plan made under another policy is planned anew under the present one", async () => {
    const first = openSender({ fate: () => "refused" });
    first.sender.start();
    first.see(object("a.jpg"));
    await turn();
    await first.sender.stop();
    const second = openSender({
      journal: first.journal,
      policy: policyNameSchema.parse("strict"),
    });
    second.sender.start();
    await turn();
    expect(second.queue.accepted.map(({ policy }) => policy)).toEqual(["strict"]);
    await second.sender.stop();
  });
});

describe("a chunk without decisions", () => {
  test("is sent again under the same id when it has been queued for too long", async () => {
    const { sender, see, queue, clock } = openSender();
    sender.start();
    see(object("a.jpg"));
    await turn();
    queue.waiting.clear(); // the queue lost it
    clock.advance(59_999);
    await turn();
    expect(queue.accepted.length).toBe(1);
    clock.advance(6000);
    await turn();
    const ids = queue.accepted.map(({ id }) => id);
    expect(ids).toEqual([ids[0], ids[0]]);
    await sender.stop();
  });

  test("is not sent again once decided", async () => {
    const { sender, see, queue, clock, journal } = openSender();
    sender.start();
    see(object("a.jpg"));
    await turn();
    queue.waiting.clear();
    journal.decide(source, [object("a.jpg")]);
    clock.advance(600_000);
    await turn();
    expect(queue.accepted.length).toBe(1);
    await sender.stop();
  });
});

describe("start and stop", () => {
  test("stop waits for the add in flight, keeps its acknowledgement, and sends nothing more", async () => {
    const gate = Promise.withResolvers<AddFate>();
    const { sender, see, queue, journal, clock } = openSender({
      fate: async () => await gate.promise,
    });
    sender.start();
    see(...objects(6));
    await turn();
    const stopped = sender.stop();
    expect(sender.state).toBe("stopping");
    gate.resolve("acknowledged");
    await stopped;
    expect(queue.adds).toBe(1);
    expect(journal.counts(source)).toEqual({ seen: 2, assigned: 0, queued: 4, decided: 0 });
    expect(clock.pending).toBe(0);
  });

  test("both may be repeated, and what was left open goes on", async () => {
    const { sender, see, sizes, clock } = openSender();
    await sender.stop();
    for (let round = 0; round < 50; round++) {
      sender.start();
      sender.start();
      see(object(`round-${round}.jpg`));
      if (round % 2 === 0) await turn();
      await Promise.all([sender.stop(), sender.stop()]);
    }
    sender.start();
    await turn();
    await sender.stop();
    expect(sizes().reduce((sum, size) => sum + size, 0)).toBe(50);
    expect(clock.pending).toBe(0);
  });
});
