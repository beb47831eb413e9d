import { expect, test } from "vitest";
import { FakeClock } from "./fake-clock.ts";
import { object, recordEvents, uploads } from "./fixtures.ts";
import { Intake } from "./intake.ts";
import { MemoryJournal } from "./memory-journal.ts";

const { source } = uploads;

function openIntake(maxSettling = 100) {
  const clock = new FakeClock();
  const journal = new MemoryJournal();
  const events = recordEvents();
  let wakes = 0;
  const onSeen = () => void (wakes += 1);
  const intake = new Intake({
    source,
    settleMs: 1000,
    maxSettling,
    journal,
    clock,
    events,
    onSeen,
  });
  const sight = (path: string, { version = "v1", ageMs = 0 } = {}) => ({
    object: object(path, version),
    changedAtMs: clock.nowMs() - ageMs,
  });
  return { clock, journal, events, intake, sight, wakes: () => wakes };
}

test("an old object goes to the journal at once and wakes the sender", () => {
  const { intake, journal, sight, wakes, events } = openIntake();
  intake.offer([sight("a.jpg", { ageMs: 5000 })]);
  expect(journal.counts(source).seen).toBe(1);
  expect(wakes()).toBe(1);
  expect(events.log).toEqual([["objectsFound", { count: 1 }]]);
});

test("a file that is still being written is not handed over until it has been left alone", () => {
  const { intake, journal, sight, clock } = openIntake();
  intake.offer([sight("a.jpg", { version: "100 bytes" })]);
  clock.advance(1000);
  expect(intake.takeDue(10)).toEqual(["a.jpg"]);
  intake.offer([sight("a.jpg", { version: "200 bytes" })]);
  expect(journal.counts(source).seen).toBe(0);
  clock.advance(1000);
  expect(intake.takeDue(10)).toEqual(["a.jpg"]);
  intake.offer([sight("a.jpg", { version: "200 bytes", ageMs: 1000 })]);
  expect(journal.nextSeen(source, 10)).toEqual([object("a.jpg", "200 bytes")]);
  expect(intake.settlingCount).toBe(0);
});

test("hints about a young file put off its next look and do not multiply it", () => {
  const { intake, sight, clock } = openIntake();
  for (let write = 0; write < 10; write++) {
    intake.offer([sight("a.jpg", { version: `write ${write}` })]);
    clock.advance(500);
  }
  expect(intake.takeDue(10)).toEqual([]);
  clock.advance(500);
  expect(intake.takeDue(10)).toEqual(["a.jpg"]);
  expect(intake.takeDue(10)).toEqual([]);
});

test("a file that is gone at its next look is forgotten", () => {
  const { intake, sight, clock } = openIntake();
  const young = sight("a.jpg");
  intake.offer([young]);
  clock.advance(1000);
  intake.missing(intake.takeDue(10));
  expect(intake.settlingCount).toBe(0);
  expect(intake.nextDueMs).toBeNull();
});

test("a version that the journal knows is passed over, in every state", () => {
  const { intake, journal, sight, wakes } = openIntake();
  const known = sight("a.jpg", { ageMs: 5000 });
  intake.offer([known]);
  journal.decide(source, [known.object]);
  intake.offer([known]);
  expect(journal.counts(source)).toEqual({ seen: 0, assigned: 0, queued: 0, decided: 1 });
  expect(wakes()).toBe(1);
});

test("more young files than there is room for are reported, so that a listing finds them again", () => {
  const { intake, sight, events } = openIntake(2);
  const isComplete = intake.offer(["a.jpg", "b.jpg", "c.jpg"].map((path) => sight(path)));
  expect(isComplete).toBe(false);
  expect(intake.settlingCount).toBe(2);
  expect(events.log).toEqual([["settlingOverflowed", { settling: 2 }]]);
});

test("a name that comes and goes while it is young takes no more than its room", () => {
  const { intake, sight } = openIntake(2);
  for (let round = 0; round < 1000; round++) {
    intake.offer([sight("a.jpg")]);
    intake.missing([sight("a.jpg").object.path]);
  }
  expect(intake.offer([sight("b.jpg")])).toBe(false); // the room is taken by what was left behind
  expect(intake.settlingCount).toBe(0);
});
