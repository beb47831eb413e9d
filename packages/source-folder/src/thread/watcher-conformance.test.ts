import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, test } from "vitest";
import { WatchingThread } from "./watching-thread.ts";

describe.each(["native", "chokidar"] as const)("the %s watcher hints at", (kind) => {
  test("files that are written, changed, touched and deleted", async () => {
    await using watching = await WatchingThread.start(kind, (folder) => {
      for (const name of ["changed", "touched", "deleted"]) writeFileSync(`${folder}/${name}`, "a");
    });
    writeFileSync(watching.path("written"), "a");
    appendFileSync(watching.path("changed"), "b");
    utimesSync(watching.path("touched"), 1, 1);
    rmSync(watching.path("deleted"));
    await watching.untilHinted("written", "changed", "touched", "deleted");
    expect(watching.failures).toEqual([]);
  });

  test("files in directories that are made or moved in, whole trees too", async () => {
    await using watching = await WatchingThread.start(kind);
    mkdirSync(watching.path("made"));
    writeFileSync(watching.path("made/a"), "a");
    await watching.untilHinted("made/a");
    const elsewhere = `${watching.folder}.tree`;
    mkdirSync(`${elsewhere}/x/y`, { recursive: true });
    writeFileSync(`${elsewhere}/x/y/b`, "b");
    renameSync(elsewhere, watching.path("moved"));
    await watching.untilHinted("moved/x/y/b");
    writeFileSync(watching.path("moved/x/y/c"), "c");
    await watching.untilHinted("moved/x/y/c");
    expect(watching.failures).toEqual([]);
  });

  test("files in a directory that was deleted and made again under the same name", async () => {
    await using watching = await WatchingThread.start(kind, (folder) =>
      mkdirSync(`${folder}/d/e`, { recursive: true }),
    );
    for (const round of [1, 2, 3]) {
      rmSync(watching.path("d"), { recursive: true });
      mkdirSync(watching.path("d/e"), { recursive: true });
      writeFileSync(watching.path(`d/e/${round}`), "a");
      await watching.untilHinted(`d/e/${round}`);
      watching.directories.clear();
    }
    writeFileSync(watching.path("d/e/last"), "a");
    await watching.untilHinted("d/e/last");
    expect(watching.failures).toEqual([]);
  });

  test("names that editors use for their own files", async () => {
    await using watching = await WatchingThread.start(kind);
    const names = ["a.jpg~", ".a.jpg.swp", ".subl1.tmp", ".hidden"];
    for (const name of names) writeFileSync(watching.path(name), "a");
    await watching.untilHinted(...names);
    expect(watching.overflows).toBe(0);
  });

  test("nothing that is ignored, and nothing behind a link", async () => {
    await using outside = await WatchingThread.start("none");
    await using watching = await WatchingThread.start(kind, (folder) => {
      mkdirSync(`${folder}/ignored`);
      symlinkSync(outside.folder, `${folder}/link`);
    });
    writeFileSync(watching.path("ignored/a"), "a");
    writeFileSync(watching.path("upload.part"), "a");
    writeFileSync(outside.path("behind"), "a");
    writeFileSync(watching.path("last"), "a");
    await watching.untilHinted("last");
    expect([...watching.entries].filter((path) => path.startsWith("ignored/"))).toEqual([]);
    expect(watching.entries).not.toContain("upload.part");
    expect(watching.entries).not.toContain("link/behind");
  });
});

test("the native watcher hints at names that are not UTF-8", async () => {
  await using watching = await WatchingThread.start("native");
  writeFileSync(Buffer.concat([Buffer.from(`${watching.folder}/b`), Buffer.from([0xff])]), "a");
  await watching.untilHinted("b\uFFFD");
  expect(watching.failures).toEqual([]);
});

test("the native watcher watches a folder again that was replaced, when it is asked to check", async () => {
  await using watching = await WatchingThread.start("native", (folder) => mkdirSync(`${folder}/d`));
  renameSync(watching.folder, `${watching.folder}.old`);
  mkdirSync(watching.path("d"), { recursive: true });
  watching.thread.check();
  await watching.untilHinted("d/any"); // the directory is to be listed
  watching.directories.clear();
  writeFileSync(watching.path("d/new"), "a");
  await watching.untilHinted("d/new");
  rmSync(`${watching.folder}.old`, { recursive: true });
  expect(watching.failures).toEqual([]);
});

test("a burst that comes while the main loop is blocked is hinted at completely", async () => {
  await using watching = await WatchingThread.start("native");
  const until = Date.now() + 500;
  for (let i = 0; Date.now() < until || i < 2000; i++) writeFileSync(watching.path(`${i}`), "a");
  await watching.untilHinted("0", "1999");
  expect(Array.from({ length: 2000 }, (_, i) => watching.isHinted(String(i)))).not.toContain(false);
});
