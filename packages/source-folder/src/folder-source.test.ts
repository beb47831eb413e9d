import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, test } from "vitest";
import { FolderUnusableError } from "./folder-error.ts";
import { dyingThread, FolderHarness, silentWatcher, uploads } from "./folder-harness.ts";

describe("finds files", () => {
  test("that were there before it started", async () => {
    await using harness = new FolderHarness();
    harness.write("a.jpg");
    harness.write("deep/down/b.jpg");
    await harness.start();
    await harness.untilFound("a.jpg", "deep/down/b.jpg");
    expect(harness.found).toHaveLength(2);
  });

  test("that are written while it runs", async () => {
    await using harness = new FolderHarness();
    await harness.start();
    await harness.untilReconciled();
    harness.write("a.jpg");
    await harness.untilFound("a.jpg");
    expect(harness.count("reconciled")).toBe(1); // by a hint, not by a listing
  });

  test("that are moved in rather than written", async () => {
    await using harness = new FolderHarness();
    await harness.start();
    await harness.untilReconciled();
    harness.moveIn("moved.jpg");
    await harness.untilFound("moved.jpg");
    expect(harness.count("reconciled")).toBe(1);
  });

  test("that arrived while it was down, and only those", async () => {
    await using harness = new FolderHarness();
    harness.write("before.jpg");
    await harness.start();
    await harness.untilFound("before.jpg");
    await harness.source.stop();
    harness.journal.decide(uploads, harness.seen);
    harness.write("meanwhile.jpg");
    await harness.start();
    await harness.untilFound("meanwhile.jpg");
    await harness.untilReconciled();
    expect(harness.found).toEqual(["meanwhile.jpg"]);
  });

  test("in directories that are made, moved in and moved within, while it runs", async () => {
    await using harness = new FolderHarness();
    await harness.start();
    await harness.untilReconciled();
    harness.write("new/a.jpg");
    await harness.untilFound("new/a.jpg");
    const elsewhere = `${harness.folder}.tree`;
    mkdirSync(`${elsewhere}/x/y`, { recursive: true });
    writeFileSync(`${elsewhere}/x/y/b.jpg`, "content");
    renameSync(elsewhere, harness.path("tree"));
    await harness.untilFound("tree/x/y/b.jpg");
    renameSync(harness.path("tree"), harness.path("other"));
    await harness.untilFound("other/x/y/b.jpg");
    harness.write("other/x/y/c.jpg");
    await harness.untilFound("other/x/y/c.jpg");
    expect(harness.count("reconciled")).toBe(1);
  });

  test("with names that are no UTF-8, also by a hint", async () => {
    await using harness = new FolderHarness();
    const write = (name: number[]) => {
      writeFileSync(
        Buffer.concat([Buffer.from(`${harness.folder}/`), Buffer.from(name)]),
        "content",
      );
    };
    write([0x62, 0xff, 0x2e, 0x6a]);
    await harness.start();
    await harness.untilFound("b%FF.j");
    write([0x63, 0x0a, 0xfe]);
    await harness.untilFound("c%0A%FE");
    expect(harness.count("reconciled")).toBe(1);
  });

  test("in a deep tree, as far down as maxDepth allows", async () => {
    await using harness = new FolderHarness({ maxDepth: 30 });
    const deep = (depth: number) =>
      `${Array.from({ length: depth }, (_, i) => `d${i}`).join("/")}/x.jpg`;
    harness.write(deep(30));
    harness.write(deep(31));
    await harness.start();
    await harness.untilFound(deep(30));
    await harness.untilReconciled();
    expect(harness.found).not.toContain(deep(31));
  });

  test("with names that editors use, for a file must not hide by its name", async () => {
    await using harness = new FolderHarness();
    await harness.start();
    const names = [".hidden.jpg", "backup.jpg~", ".x.jpg.swp", " .jpg", "-rf"];
    for (const name of names) harness.write(name);
    await harness.untilFound(...names);
    expect(harness.found).toHaveLength(names.length);
  });
});

describe("waits for files to settle", () => {
  test("and does not hand over a half-written one", async () => {
    await using harness = new FolderHarness();
    await harness.start({ settleMs: 300 });
    await harness.untilReconciled();
    harness.writeYoung("slow.jpg", "half");
    await harness.until(
      () => harness.source.status.settling === 1 || harness.found.length > 0,
      "young",
    );
    expect(harness.found).toEqual([]);
    appendFileSync(harness.path("slow.jpg"), ", whole");
    await harness.untilFound("slow.jpg");
    expect(harness.seen.map(({ sizeBytes }) => sizeBytes)).toEqual([11]);
  });

  test("also for one that is young when it is first listed", async () => {
    await using harness = new FolderHarness({ polling: true });
    harness.writeYoung("young.jpg");
    await harness.start({ settleMs: 400 });
    await harness.untilReconciled();
    expect(harness.found).toEqual([]);
    expect(harness.source.status.settling).toBe(1);
    await harness.untilFound("young.jpg");
  });

  test("and forgets one that is deleted meanwhile", async () => {
    await using harness = new FolderHarness();
    await harness.start({ settleMs: 60_000 });
    await harness.untilReconciled();
    harness.write("short.jpg");
    await harness.until(() => harness.source.status.settling === 1, "young");
    unlinkSync(harness.path("short.jpg"));
    await harness.until(() => harness.source.status.settling === 0, "gone");
    expect(harness.found).toEqual([]);
  });
});

describe("a version", () => {
  test("that was decided is not handed over again after a restart, a changed file is", async () => {
    await using harness = new FolderHarness();
    harness.write("same.jpg");
    harness.write("changes.jpg");
    await harness.start();
    await harness.untilFound("same.jpg", "changes.jpg");
    harness.journal.decide(uploads, harness.seen);
    await harness.source.stop();
    harness.write("changes.jpg", "CONTENT"); // the same size
    await harness.start();
    await harness.untilFound("changes.jpg");
    await harness.untilReconciled();
    expect(harness.found).toEqual(["changes.jpg"]);
  });

  test("of a file that is gone is forgotten once it was decided", async () => {
    await using harness = new FolderHarness();
    harness.write("a.jpg");
    harness.write("b.jpg");
    await harness.start();
    await harness.untilFound("a.jpg", "b.jpg");
    harness.journal.decide(uploads, harness.seen);
    unlinkSync(harness.path("a.jpg"));
    await harness.start();
    await harness.untilReconciled();
    expect(harness.journal.counts(uploads).decided).toBe(1);
    expect(harness.events.at(-1)).toMatchObject(["reconciled", { forgotten: 1, files: 1 }]);
  });
});

describe("passes over", () => {
  test("links, FIFOs and ignored names, and never opens any of them", async () => {
    await using harness = new FolderHarness();
    await using outside = new FolderHarness();
    outside.write("secret.jpg");
    symlinkSync(outside.path("secret.jpg"), harness.path("link.jpg"));
    symlinkSync(outside.folder, harness.path("linked"));
    symlinkSync("nowhere", harness.path("dangling.jpg"));
    execFileSync("mkfifo", [harness.path("fifo.jpg")]);
    harness.write("upload.part");
    harness.write("cache/thumb.jpg");
    harness.write("a.jpg");
    await harness.start();
    await harness.untilReconciled();
    symlinkSync(outside.folder, harness.path("linked-later"));
    execFileSync("mkfifo", [harness.path("fifo-later.jpg")]);
    harness.write("cache/later.jpg");
    harness.write("last.jpg");
    await harness.untilFound("a.jpg", "last.jpg");
    outside.write("written-outside.jpg");
    harness.write("really-last.jpg");
    await harness.untilFound("really-last.jpg");
    expect(harness.found.toSorted()).toEqual(["a.jpg", "last.jpg", "really-last.jpg"]);
    const skipped = { symlink: 3, special: 1, "other-device": 0, ignored: 2 };
    expect(harness.events.find(([name]) => name === "reconciled")).toMatchObject([
      "reconciled",
      { files: 1, skipped },
    ]);
  });
});

test("files that are not included are passed over by hints and by listings alike", async () => {
  await using harness = new FolderHarness({ include: ["**/*.jpg"] });
  harness.write("notes.txt");
  harness.write("deep/before.jpg");
  await harness.start();
  await harness.untilReconciled();
  harness.write("later.txt");
  harness.write("later.JPG");
  await harness.untilFound("deep/before.jpg", "later.JPG");
  expect(harness.found).toHaveLength(2);
});

describe("when the watcher cannot do its work", () => {
  test("goes on by listing, says how to raise the limit, and recovers", async () => {
    const watcher = silentWatcher();
    await using harness = new FolderHarness({
      startThread: watcher.start,
      reconcileEveryMs: 1000,
    });
    await harness.start();
    await harness.untilReconciled();
    const failure = { code: "ENOSPC", message: "raise fs.inotify.max_user_watches" };
    watcher.listener().failed(failure);
    watcher.listener().failed(failure);
    expect(harness.source.status).toMatchObject({ notifier: "degraded", failure });
    harness.write("unseen.jpg");
    await harness.untilFound("unseen.jpg");
    expect(harness.count("notifierDegraded")).toBe(1);
    watcher.listener().recovered();
    expect(harness.source.status).toMatchObject({ notifier: "watching", failure: null });
    expect(watcher.checks()).toBeGreaterThan(1);
  });

  test("lists everything after an overflow", async () => {
    const watcher = silentWatcher();
    await using harness = new FolderHarness({ startThread: watcher.start });
    await harness.start();
    await harness.untilReconciled();
    harness.write("lost.jpg");
    watcher.listener().overflowed();
    await harness.untilFound("lost.jpg");
    expect(harness.count("hintsOverflowed")).toBe(1);
  });

  test("more young files than are remembered are found by further listings", async () => {
    await using harness = new FolderHarness({ polling: true });
    const names = Array.from({ length: 8 }, (_, i) => `${i}.jpg`);
    for (const name of names) harness.writeYoung(name);
    await harness.start({ settleMs: 200, maxSettling: 3 });
    await harness.untilFound(...names);
    expect(harness.count("settlingOverflowed")).toBeGreaterThan(0);
  });
});

describe("when the folder's thread dies", () => {
  test("it is reported, asked again, and nothing that was asked is lost", async () => {
    const failing = dyingThread({ answers: 1 });
    await using harness = new FolderHarness({ startThread: failing.start });
    for (let i = 0; i < 600; i++) harness.write(`${i}.jpg`);
    await harness.start();
    await harness.until(() => harness.found.length === 600, "all files");
    expect(failing.deaths()).toBe(1);
    expect(harness.failures).toEqual([]);
  });
});

describe("the folder itself", () => {
  test("is refused at start with the name of the setting when it is not there or no folder", async () => {
    await using harness = new FolderHarness();
    harness.write("file");
    for (const folder of [harness.path("missing"), harness.path("file")]) {
      await using other = new FolderHarness({ folder });
      const refusal: unknown = await other.start().catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(FolderUnusableError);
      expect(refusal).toMatchObject({
        exitCode: 78,
        message: expect.stringContaining("roots.incoming.folder"),
      });
    }
  });

  test("may go away and come back, and is watched again", async () => {
    await using harness = new FolderHarness({ reconcileEveryMs: 1000 });
    await harness.start();
    await harness.untilReconciled();
    rmSync(harness.folder, { recursive: true });
    await harness.untilEvent("folderUnavailable");
    expect(harness.source.status.isAvailable).toBe(false);
    mkdirSync(harness.folder);
    await harness.untilEvent("reconciled");
    expect(harness.source.status.isAvailable).toBe(true);
    harness.write("b.jpg");
    await harness.untilFound("b.jpg");
  });
});

test("a burst into one directory and into many, while the main loop is busy, loses nothing", async () => {
  await using harness = new FolderHarness();
  await harness.start();
  await harness.untilReconciled();
  const script = `
    const { mkdirSync, writeFileSync } = require("node:fs");
    for (let i = 0; i < 3000; i++) {
      if (i % 30 === 0) mkdirSync("many/" + i / 30, { recursive: true });
      writeFileSync("flat-" + i + ".jpg", "x".repeat(2000));
      writeFileSync("many/" + Math.floor(i / 30) + "/" + i + ".jpg", "x");
    }`;
  execFileSync(process.execPath, ["-e", script], { cwd: harness.folder }); // blocks this loop until it ends
  await harness.until(() => harness.journal.counts(uploads).seen === 6000, "6000 files");
  expect(harness.count("hintsOverflowed")).toBe(0);
}, 60_000);

test("start and stop may be repeated and leave nothing behind", async () => {
  await using harness = new FolderHarness();
  for (let round = 0; round < 5; round++) {
    harness.write(`${round}.jpg`);
    await harness.start();
    await harness.source.start();
    await harness.untilFound(`${round}.jpg`);
    await Promise.all([harness.source.stop(), harness.source.stop()]);
  }
  expect(harness.found).toHaveLength(5);
});
