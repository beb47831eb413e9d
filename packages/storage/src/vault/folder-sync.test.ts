import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Descriptor } from "./descriptor.ts";
import { FolderSync } from "./folder-sync.ts";
import { KeyedLock } from "./keyed-lock.ts";
import { OPEN_FOLDER } from "./open-folder.ts";

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "sluice-sync-"));
});
afterEach(() => rmSync(path, { recursive: true }));

/** Flushes when the test says so. */
class SlowFolder extends Descriptor {
  readonly begun: PromiseWithResolvers<void>[] = [];
  override sync(): Promise<void> {
    const flush = Promise.withResolvers<void>();
    this.begun.push(flush);
    return flush.promise;
  }
}

test("those who ask while a flush runs share the next one, because it may have begun too early", async () => {
  using folder = new SlowFolder(Descriptor.open(path, OPEN_FOLDER).fd);
  const folders = new FolderSync();
  const ended: string[] = [];
  const ask = async (name: string) => {
    await folders.sync(folder);
    ended.push(name);
  };
  const first = ask("first");
  const others = [ask("second"), ask("third")];
  expect(folder.begun).toHaveLength(1);
  folder.begun[0]?.resolve();
  await first;
  expect(ended).toEqual(["first"]);
  expect(folder.begun).toHaveLength(2);
  folder.begun[1]?.resolve();
  await Promise.all(others);
  expect(folder.begun).toHaveLength(2);
});

test("a flush that fails fails those who share it, and the next one is tried anew", async () => {
  using folder = new SlowFolder(Descriptor.open(path, OPEN_FOLDER).fd);
  const folders = new FolderSync();
  const first = folders.sync(folder);
  const second = folders.sync(folder);
  folder.begun[0]?.reject(new Error("EIO"));
  await expect(first).rejects.toThrow("EIO");
  folder.begun[1]?.resolve();
  await expect(second).resolves.toBeUndefined();
});

test("tasks of one key run one after the other, also after one that failed", async () => {
  const lock = new KeyedLock();
  const log: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = lock.run("a", async () => {
    await gate.promise;
    log.push("a1");
    throw new Error("failed");
  });
  const second = lock.run("a", async () => void log.push("a2"));
  await lock.run("b", async () => void log.push("b1"));
  gate.resolve();
  await expect(first).rejects.toThrow("failed");
  await second;
  expect(log).toEqual(["b1", "a1", "a2"]);
});
