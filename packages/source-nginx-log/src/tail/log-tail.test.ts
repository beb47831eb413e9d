import { execFileSync } from "node:child_process";
import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { LogCheckpoint } from "@sluice/sources";
import { expect, onTestFinished, test } from "vitest";
import { silentEvents } from "../testing/silent-events.ts";
import { forEachLine } from "./line-cutter.ts";
import { LogTail } from "./log-tail.ts";
import { listRotated } from "./rotated-logs.ts";

/** A folder for a log, and a tail on it with what it tells. */
function setUp() {
  const folder = mkdtempSync(join(tmpdir(), "sluice-tail-"));
  const log = join(folder, "access.log");
  const told: string[] = [];
  const tails: LogTail[] = [];
  onTestFinished(async () => {
    for (const tail of tails) await tail[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });
  const open = (checkpoints: readonly LogCheckpoint[] = []): LogTail => {
    const tail = new LogTail({
      log,
      maxLineBytes: 100,
      rotateWaitMs: 1000,
      checkpoints,
      events: silentEvents({
        logUnavailable: ({ code }) => told.push(`unavailable ${code}`),
        logRecovered: () => told.push("recovered"),
        linesLost: ({ reason }) => told.push(`lost ${reason}`),
      }),
    });
    tails.push(tail);
    return tail;
  };
  const read = async (tail: LogTail, nowMs: number): Promise<string[]> => {
    const lines: string[] = [];
    await tail.poll(nowMs);
    for (;;) {
      const tailed = await tail.read(nowMs);
      if (tailed === null) return lines;
      forEachLine(tailed.lines, (line) => lines.push(line));
      if (tailed.tooLong > 0) lines.push(`(${tailed.tooLong} too long)`);
    }
  };
  return { folder, log, told, open, read };
}

test("a log that is not there, or is no file, is told once, waited for, and read when it comes", async () => {
  const { log, told, open, read } = setUp();
  const tail = open();
  expect(await read(tail, 1)).toEqual([]);
  expect(await read(tail, 2)).toEqual([]);
  execFileSync("mkfifo", [log]);
  expect(await read(tail, 3)).toEqual([]);
  rmSync(log);
  writeFileSync(log, "one\n");
  expect(await read(tail, 4)).toEqual(["one"]);
  expect(told).toEqual(["unavailable ENOENT", "unavailable not a file", "recovered"]);
});

test("a line without an end waits for it; one that is too long is counted, and the next one is read", async () => {
  const { log, open, read } = setUp();
  const tail = open();
  writeFileSync(log, "one\ntw");
  expect(await read(tail, 1)).toEqual(["one"]);
  writeFileSync(log, "o\n", { flag: "a" });
  expect(await read(tail, 2)).toEqual(["two"]);
  writeFileSync(log, "x".repeat(150), { flag: "a" });
  expect(await read(tail, 3)).toEqual([]);
  const offset = tail.checkpoints(3)[0]?.offset;
  expect(offset).toBe("one\ntwo\n".length); // not into the middle of the long one
  writeFileSync(log, `${"y".repeat(50)}\nthree\n`, { flag: "a" });
  expect(await read(tail, 4)).toEqual(["three", "(1 too long)"]);
});

test("what nginx writes to a rotated log is read until that is quiet, its last words without a line break included", async () => {
  const { log, open, read } = setUp();
  const tail = open();
  writeFileSync(log, "one\n");
  expect(await read(tail, 1)).toEqual(["one"]);
  renameSync(log, `${log}.1`);
  writeFileSync(log, "new\n");
  writeFileSync(`${log}.1`, "late\n", { flag: "a" });
  expect((await read(tail, 2)).toSorted()).toEqual(["late", "new"]);
  writeFileSync(`${log}.1`, "later, and cut off", { flag: "a" });
  expect(await read(tail, 3)).toEqual([]);
  expect(await read(tail, 1500)).toEqual(["later, and cut off"]);
  expect(tail.openFiles).toBe(1);
});

test("a file that is gone or damaged while nobody looked is told as lost, and the rest is read", async () => {
  const { log, told, open, read } = setUp();
  writeFileSync(log, "one\n");
  const first = open();
  expect(await read(first, 1)).toEqual(["one"]);
  const before = first.checkpoints(1);
  rmSync(log);
  writeFileSync(log, "another\n");
  expect(await read(open(before), 2)).toEqual(["another"]);
  expect(told).toEqual(["lost file-gone"]);
  const whole = gzipSync(Buffer.from(`one\n${"more and more\n".repeat(5000)}`));
  writeFileSync(`${log}.1.gz`, whole.subarray(0, -40));
  const lines = await read(open(before), 3);
  expect(lines).toContain("another");
  expect(told.at(-1)).toBe("lost damaged");
});

test("the names of rotated logs: numbers, dates, before and after the extension, compressed or not", async () => {
  const { folder, log } = setUp();
  const rotated = [
    "access.log.1",
    "access.log.2.gz",
    "access.log-20261123",
    "access.log-20261122.gz",
    "access-20261121.log",
    "access-2026-11-20.log.gz",
  ];
  const others = [
    "error.log",
    "access.log2",
    "access-admin.log",
    "other.access.log",
    "access.json",
  ];
  for (const [age, name] of [...rotated, ...others].entries()) {
    writeFileSync(join(folder, name), "x");
    utimesSync(join(folder, name), 1000 - age, 1000 - age);
  }
  writeFileSync(join(folder, "access.log.1.gz"), "half of it"); // is being made
  const found = await listRotated(log);
  expect(found.map(({ path }) => path.slice(folder.length + 1))).toEqual(rotated);
});
