import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, test } from "vitest";
import { object, planNext, uploads } from "./journal-fixtures.ts";
import { JournalUnusableError } from "./journal-error.ts";
import { SqliteJournal } from "./sqlite-journal.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-journal-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("everything is there again after the file was closed, or never closed at all", () => {
  const path = join(folder, "made", "on-demand", "journal.sqlite");
  const [a, b, c] = [object("a.jpg"), object("b.jpg"), object("c.jpg")];
  const killed = SqliteJournal.open(path);
  killed.see(uploads, [a, b, c]);
  killed.decide(uploads, [c]);
  const plan = planNext(killed, 1);
  using reopened = SqliteJournal.open(path);
  expect(reopened.counts(uploads)).toEqual({ seen: 1, assigned: 1, queued: 0, decided: 1 });
  expect(reopened.unqueuedPlans(uploads)).toEqual([plan]);
  reopened.see(uploads, [object("d.jpg")]);
  reopened.dissolve(uploads, plan.chunkId);
  expect(reopened.nextSeen(uploads, 3).map(({ path: name }) => name)).toEqual([
    "a.jpg",
    "b.jpg",
    "d.jpg",
  ]);
  killed[Symbol.dispose]();
});

test("a row takes about 100 bytes on disk with its path, decided or waiting", () => {
  const path = join(folder, "many.sqlite");
  const sizePerRow = () => statSync(path).size / 20_000;
  const objects = Array.from({ length: 20_000 }, (_, i) =>
    object(
      `2026/11/${i % 30}/upload-${i * 7919}.jpg`,
      `${9_000_000 + i}-204800-17000000${i + 10_000}00000001-17000000${i + 10_000}00000002`,
    ),
  );
  {
    using journal = SqliteJournal.open(path);
    for (let at = 0; at < objects.length; at += 200)
      journal.see(uploads, objects.slice(at, at + 200));
  }
  expect(sizePerRow()).toBeLessThan(140); // with its place in line
  {
    using journal = SqliteJournal.open(path);
    for (let at = 0; at < objects.length; at += 200) {
      journal.decide(uploads, objects.slice(at, at + 200));
    }
  }
  expect(sizePerRow()).toBeLessThan(140); // what a place took is used again for the next rows
  const packed = new DatabaseSync(path);
  packed.exec("VACUUM");
  packed.close();
  expect(sizePerRow()).toBeLessThan(100);
});

test("a failed step changes nothing", () => {
  using journal = SqliteJournal.open(":memory:");
  const broken = { ...object("b.jpg"), sizeBytes: Number.NaN };
  expect(() => journal.see(uploads, [object("a.jpg"), broken])).toThrow(/constraint/iu);
  expect(journal.unknown(uploads, [object("a.jpg")])).toHaveLength(1);
  expect(journal.counts(uploads)).toEqual({ seen: 0, assigned: 0, queued: 0, decided: 0 });
});

test("a journal that cannot be written any more says so, and what to do", () => {
  const path = join(folder, "held.sqlite");
  using journal = SqliteJournal.open(path, { busyTimeoutMs: 20 });
  journal.see(uploads, [object("a.jpg")]);
  const holder = new DatabaseSync(path);
  holder.exec("BEGIN IMMEDIATE");
  expect(() => journal.see(uploads, [object("b.jpg")])).toThrow(
    expect.objectContaining({
      code: "JOURNAL_FAILED",
      exitCode: 69,
      message: expect.stringContaining("another process holds it"),
    }),
  );
  holder.close();
  expect(journal.see(uploads, [object("b.jpg")])).toBe(1);
});

describe("a file that cannot be used is refused with what to do", () => {
  const refusal = (path: string): unknown => {
    try {
      SqliteJournal.open(path)[Symbol.dispose]();
      return null;
    } catch (error) {
      return error;
    }
  };

  test("when it is not a database", () => {
    const path = join(folder, "text.sqlite");
    writeFileSync(path, "no database, but longer than a header of one hundred bytes ".repeat(20));
    expect(refusal(path)).toBeInstanceOf(JournalUnusableError);
    expect(refusal(path)).toMatchObject({ code: "JOURNAL_UNUSABLE", exitCode: 78 });
  });

  test("when its folder cannot be made", () => {
    const file = join(folder, "a-file");
    writeFileSync(file, "");
    expect(refusal(join(file, "journal.sqlite"))).toMatchObject({
      message: expect.stringContaining("make the folder writable"),
    });
  });

  test("when a newer version wrote it", () => {
    const path = join(folder, "newer.sqlite");
    SqliteJournal.open(path)[Symbol.dispose]();
    const db = new DatabaseSync(path);
    db.exec("UPDATE journal_schema SET version = 99");
    db.close();
    expect(refusal(path)).toMatchObject({ message: expect.stringContaining("found 99") });
  });
});

test("a decided row takes little more than a hundred bytes", () => {
  const path = join(folder, "large.sqlite");
  const journal = SqliteJournal.open(path);
  // Directories in turn, so that rows are not inserted in the order of their keys.
  const objects = Array.from({ length: 20_000 }, (_, index) =>
    object(
      `2026/${index % 1000}/upload-${index}.jpg`,
      `${8_000_000 + index}-${20_000 + index}-17638700001234${10_000 + index}-17638700001234${20_000 + index}`,
    ),
  );
  for (let at = 0; at < objects.length; at += 512) {
    journal.see(uploads, objects.slice(at, at + 512));
    journal.decide(uploads, objects.slice(at, at + 512));
  }
  expect(journal.counts(uploads).decided).toBe(objects.length);
  journal[Symbol.dispose]();
  expect(statSync(path).size / objects.length).toBeLessThan(135);
}, 30_000);
