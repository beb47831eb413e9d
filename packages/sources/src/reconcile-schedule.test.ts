import { expect, test } from "vitest";
import { ReconcileSchedule } from "./reconcile-schedule.ts";

test("the folder is listed at once, then regularly after the end of each listing", () => {
  const schedule = new ReconcileSchedule(60_000, 0);
  expect(schedule.dueAtMs).toBe(0);
  schedule.begin();
  schedule.end(4000, { isDone: true });
  expect(schedule.dueAtMs).toBe(64_000);
});

test("a listing that is asked for comes earlier, but not faster than one a second", () => {
  const schedule = new ReconcileSchedule(60_000, 0);
  schedule.begin();
  schedule.end(4000, { isDone: true });
  schedule.want(10_000);
  expect(schedule.dueAtMs).toBe(10_000);
  schedule.begin();
  schedule.want(11_000);
  schedule.want(11_500);
  schedule.end(12_000, { isDone: true });
  expect(schedule.dueAtMs).toBe(13_000);
});

test("a folder that is away is tried again within five seconds", () => {
  const schedule = new ReconcileSchedule(60_000, 0);
  schedule.begin();
  schedule.end(1000, { isDone: false });
  expect(schedule.dueAtMs).toBe(6000);
});

test("where failures are not to be repeated so often, the pause between them doubles up to a limit", () => {
  const schedule = new ReconcileSchedule(300_000, 0, 20_000);
  const pauses = Array.from({ length: 4 }, () => {
    schedule.begin();
    schedule.end(0, { isDone: false });
    return schedule.dueAtMs;
  });
  expect(pauses).toEqual([5000, 10_000, 20_000, 20_000]);
  schedule.begin();
  schedule.end(0, { isDone: true });
  schedule.begin();
  schedule.end(0, { isDone: false });
  expect(schedule.dueAtMs).toBe(5000);
});
