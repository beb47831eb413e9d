import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { GroupCommit } from "./group-commit.ts";

function table(): DatabaseSync {
  const db = new DatabaseSync(":memory:");
  db.exec("CREATE TABLE items (name TEXT PRIMARY KEY) STRICT");
  return db;
}

test("a write that fails takes nobody with it, and each learns its own end", async () => {
  const db = table();
  const commits = new GroupCommit(db);
  const insert = db.prepare("INSERT INTO items VALUES (?)");
  const names = ["a", "b", "a", "c"];
  const ends = await Promise.allSettled(names.map((name) => commits.run(() => insert.run(name))));
  expect(ends.map(({ status }) => status)).toEqual([
    "fulfilled",
    "fulfilled",
    "rejected",
    "fulfilled",
  ]);
  expect(db.prepare("SELECT COUNT(*) AS n FROM items").get()?.["n"]).toBe(3);
});

test("writes that arrive together are one transaction", async () => {
  const db = table();
  const commits = new GroupCommit(db);
  const insert = db.prepare("INSERT INTO items VALUES (?)");
  const states: boolean[] = [];
  const write = (name: string) => () => {
    states.push(db.isTransaction);
    insert.run(name);
    return db.prepare("SELECT COUNT(*) AS n FROM items").get()?.["n"];
  };
  expect(await Promise.all(["a", "b", "c"].map((name) => commits.run(write(name))))).toEqual([
    1, 2, 3,
  ]);
  expect(states).toEqual([true, true, true]);
});
