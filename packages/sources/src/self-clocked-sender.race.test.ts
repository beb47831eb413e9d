import { setImmediate as turn } from "node:timers/promises";
import type { ObjectRef } from "@sluice/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FakeClock } from "./fake-clock.ts";
import { FakeQueue, type AddFate } from "./fake-queue.ts";
import { object, recordEvents, uploads } from "./fixtures.ts";
import { MemoryJournal } from "./memory-journal.ts";
import { SelfClockedSender } from "./self-clocked-sender.ts";

const { source } = uploads;
const MAX_CHUNK_OBJECTS = 5;
const MAX_WAITING_CHUNKS = 3;

const step = fc.oneof(
  fc.record({ kind: fc.constant("arrive" as const), count: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ kind: fc.constant("work" as const), chunks: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant("pass" as const), delayMs: fc.integer({ min: 1, max: 1500 }) }),
  fc.record({ kind: fc.constant("restart" as const) }),
);
const fate = fc.constantFrom<AddFate>("acknowledged", "acknowledged", "lost-answer", "refused");

test("whatever the order of arrivals, lost answers, outages, restarts and workers: nothing is lost, nothing goes twice, order and limits hold", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(step), fc.array(fate), async (s, steps, fates) => {
      const journal = new MemoryJournal();
      const given: AddFate[] = [];
      const nextFate = () => {
        const next = fates.shift() ?? "acknowledged";
        given.push(next);
        return next;
      };
      const clock = new FakeClock();
      const queue = new FakeQueue(async () => await s.schedule(Promise.resolve(nextFate())));
      const sender = new SelfClockedSender({
        binding: uploads,
        journal,
        clock,
        chunkSender: queue,
        events: recordEvents(),
        maxChunkObjects: MAX_CHUNK_OBJECTS,
        maxWaitingChunks: MAX_WAITING_CHUNKS,
        resendAfterMs: 86_400_000,
        onFailed: (error) => expect.unreachable(String(error)),
      });
      const seen: ObjectRef[] = [];
      const handed: ObjectRef[] = [];
      const restarts: Promise<void>[] = [];
      const work = (chunks: number) => {
        for (const chunk of [...queue.waiting.values()].slice(0, chunks)) {
          handed.push(...chunk.objects);
          journal.decide(source, chunk.objects);
          queue.waiting.delete(chunk.id);
        }
      };
      const act = (action: (typeof steps)[number]) => {
        switch (action.kind) {
          case "arrive": {
            const arrived = Array.from({ length: action.count }, (_, i) =>
              object(`${seen.length + i}.jpg`),
            );
            seen.push(...arrived);
            journal.see(source, arrived);
            return sender.wake();
          }
          case "work":
            return work(action.chunks);
          case "pass":
            return clock.advance(action.delayMs);
          case "restart":
            // Not awaited here: the add in flight that it waits for is a later step of this schedule.
            restarts.push(sender.stop().then(() => sender.start()));
            return undefined;
        }
      };

      sender.start();
      const sequence = s.scheduleSequence(
        steps.map((action) => async () => await Promise.resolve(act(action))),
      );
      const isDone = () => sequence.done && journal.counts(source).decided === seen.length;
      for (let round = 0; round < 1000 && !isDone(); round++) {
        await s.waitIdle();
        await turn();
        clock.advance(1000);
        work(MAX_WAITING_CHUNKS);
      }
      await s.waitIdle();
      await Promise.all(restarts);
      await sender.stop();

      const firstTime = [...new Map(handed.map((o) => [o.path, o])).values()];
      expect(firstTime).toEqual(seen);
      const repeats = handed.length - seen.length;
      const lostAnswers = given.filter((answer) => answer === "lost-answer").length;
      expect(repeats).toBeLessThanOrEqual(lostAnswers * MAX_CHUNK_OBJECTS);
      expect(journal.counts(source)).toEqual({
        seen: 0,
        assigned: 0,
        queued: 0,
        decided: seen.length,
      });
      expect(queue.mostInFlight).toBeLessThanOrEqual(1);
      expect(queue.mostWaiting).toBeLessThanOrEqual(MAX_WAITING_CHUNKS);
      for (const { objects } of queue.accepted)
        expect(objects.length).toBeLessThanOrEqual(MAX_CHUNK_OBJECTS);
      // A chunk whose answer was lost and which a worker finished meanwhile comes again, as the same chunk.
      const chunkOf = new Map(
        queue.accepted.flatMap(({ id, objects }) => objects.map((o) => [o.path, id])),
      );
      for (const { id, objects } of queue.accepted)
        for (const o of objects) expect(chunkOf.get(o.path)).toBe(id);
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 300 },
  );
});
