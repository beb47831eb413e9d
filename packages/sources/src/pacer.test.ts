import fc from "fast-check";
import { expect, test } from "vitest";
import { FakeClock } from "./fake-clock.ts";
import { Pacer, type Pace } from "./pacer.ts";

const unhurried: Pace = { maxPerSecond: null, quietHours: [], timeZone: "UTC" };
const at = (time: string, zone = "Z") => new FakeClock(Date.parse(`2026-11-23T${time}:00${zone}`));

test("without limits everything goes at once", () => {
  const pacer = new Pacer(unhurried, at("12:00"));
  pacer.sent(1_000_000);
  expect(pacer.delayMs).toBe(0);
});

test("whatever the chunks and pauses, the rate is kept but for one second's worth and one chunk", () => {
  const step = fc.record({ objects: fc.integer({ min: 1, max: 64 }), pauseMs: fc.nat(5000) });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.array(step), (maxPerSecond, steps) => {
      const clock = at("12:00");
      const startedAtMs = clock.nowMs();
      const pacer = new Pacer({ ...unhurried, maxPerSecond }, clock);
      let sent = 0;
      for (const { objects, pauseMs } of steps) {
        clock.advance(pauseMs);
        for (let delay = pacer.delayMs; delay > 0; delay = pacer.delayMs) clock.advance(delay);
        const allowed = ((clock.nowMs() - startedAtMs) / 1000 + 1) * maxPerSecond;
        expect(sent).toBeLessThanOrEqual(allowed + 1e-6);
        pacer.sent(objects);
        sent += objects;
      }
    }),
  );
});

test("a source that is never idle gets all of its rate", () => {
  const clock = at("12:00");
  const pacer = new Pacer({ ...unhurried, maxPerSecond: 100 }, clock);
  let sent = 0;
  const endMs = clock.nowMs() + 60_000;
  while (clock.nowMs() < endMs) {
    pacer.sent(7);
    sent += 7;
    clock.advance(Math.max(1, pacer.delayMs));
  }
  expect(sent / 60).toBeGreaterThan(99);
});

const night = [{ from: 22 * 60, until: 6 * 60 }];

test.each([
  ["21:59", 0],
  ["22:00", 60_000],
  ["03:00", 60_000],
  ["05:59", 60_000],
  ["06:00", 0],
])("quiet from 22:00 to 06:00: at %s the delay is %d ms", (time, delayMs) => {
  expect(new Pacer({ ...unhurried, quietHours: night }, at(time)).delayMs).toBe(delayMs);
});

test("the hours are those of the zone, and they end by themselves", () => {
  const clock = at("21:30", "+01:00");
  const pacer = new Pacer({ ...unhurried, quietHours: night, timeZone: "Europe/Berlin" }, clock);
  expect(pacer.delayMs).toBe(0);
  clock.advance(30 * 60_000);
  expect(pacer.delayMs).toBe(60_000);
  clock.advance(8 * 3_600_000);
  expect(pacer.delayMs).toBe(0);
});
