import { execFileSync } from "node:child_process";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeObjectPath, rootNameSchema, type ObjectRef } from "@sluice/contracts";
import { expect, test } from "vitest";
import { versionOfFile } from "./file-version.ts";
import { createFolderReader } from "./folder-reader.ts";

const root = rootNameSchema.parse("uploads");

function setUp() {
  const base = mkdtempSync(join(tmpdir(), "sluice-read-"));
  const folder = join(base, "in");
  mkdirSync(join(folder, "sub"), { recursive: true });
  const reader = createFolderReader({ folders: new Map([[root, folder]]), maxImageBytes: 1000 });
  const refer = (path: string | Buffer): ObjectRef => {
    const stats = lstatSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(path)]), {
      bigint: true,
    });
    return {
      path: encodeObjectPath(Buffer.from(path)),
      version: versionOfFile(stats),
      sizeBytes: Number(stats.size),
    };
  };
  return {
    base,
    folder,
    refer,
    read: async (object: ObjectRef) => await reader.read(root, object),
  };
}

test("a file is read with its hash, also under a name that is not UTF-8", async () => {
  const { folder, refer, read } = setUp();
  const name = Buffer.from([0x62, 0xff, 0x2e, 0x6a]);
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), name]), "abc");
  const result = await read(refer(name));
  expect(result).toMatchObject({
    kind: "bytes",
    sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  });
});

test("empty, too large, missing and changed files are told apart", async () => {
  const { folder, refer, read } = setUp();
  writeFileSync(join(folder, "empty"), "");
  writeFileSync(join(folder, "large"), Buffer.alloc(1001));
  writeFileSync(join(folder, "a"), "one");
  const a = refer("a");
  expect(await read(refer("empty"))).toMatchObject({ reason: "empty" });
  expect(await read(refer("large"))).toMatchObject({ reason: "too-many-bytes" });
  writeFileSync(join(folder, "a"), "two");
  expect(await read(a)).toEqual({ kind: "gone", reason: "changed" });
  renameSync(join(folder, "a"), join(folder, "b"));
  expect(await read(a)).toEqual({ kind: "gone", reason: "missing" });
});

test("a link is never followed, neither as the file nor as a folder on the way", async () => {
  const { base, folder, refer, read } = setUp();
  mkdirSync(join(base, "secret"));
  writeFileSync(join(base, "secret", "key"), "secret");
  writeFileSync(join(folder, "sub", "key"), "picture");
  const inside = refer("sub/key");
  renameSync(join(folder, "sub"), join(folder, "old"));
  symlinkSync(join(base, "secret"), join(folder, "sub"));
  const secret = lstatSync(join(base, "secret", "key"), { bigint: true });
  expect(await read({ ...inside, version: versionOfFile(secret) })).toMatchObject({ kind: "gone" });
  symlinkSync(join(base, "secret", "key"), join(folder, "link"));
  expect(
    await read({
      ...inside,
      path: encodeObjectPath(Buffer.from("link")),
      version: versionOfFile(secret),
    }),
  ).toMatchObject({ kind: "gone" });
});

test("what is no regular file is not read, and a named pipe does not make the reader wait", async () => {
  const { folder, refer, read } = setUp();
  execFileSync("mkfifo", [join(folder, "pipe")]);
  expect(await read(refer("pipe"))).toMatchObject({ kind: "gone" });
  expect(await read(refer("sub"))).toMatchObject({ kind: "gone" });
});

test("an error of the file system is an outcome that names its code and no path of this host", async () => {
  const { folder, refer, read } = setUp();
  writeFileSync(join(folder, "a"), "one");
  const path = encodeObjectPath(Buffer.alloc(300, "n")); // longer than a name may be
  const result = await read({ ...refer("a"), path });
  expect(result).toMatchObject({ kind: "unscannable", reason: "unreadable" });
  expect(JSON.stringify(result)).toContain("ENAMETOOLONG");
  expect(JSON.stringify(result)).not.toContain(folder);
});

test("with the whole root away its objects are unreadable, not gone", async () => {
  const { folder, refer, read } = setUp();
  writeFileSync(join(folder, "a"), "one");
  const a = refer("a");
  rmSync(folder, { recursive: true });
  expect(await read(a)).toMatchObject({ kind: "unscannable", reason: "unreadable" });
});

test("a root that this host does not know is unreadable", async () => {
  const { folder, refer } = setUp();
  writeFileSync(join(folder, "a"), "one");
  const reader = createFolderReader({ folders: new Map(), maxImageBytes: 1000 });
  expect(await reader.read(root, refer("a"))).toMatchObject({ reason: "unreadable" });
});

test("while folders are swapped for links to the outside, no foreign byte is ever read", async () => {
  const { base, folder, refer, read } = setUp();
  mkdirSync(join(base, "secret"));
  writeFileSync(join(base, "secret", "key"), "secret");
  writeFileSync(join(folder, "sub", "key"), "picture");
  const inside = refer("sub/key");
  const secret = versionOfFile(lstatSync(join(base, "secret", "key"), { bigint: true }));
  symlinkSync(join(base, "secret"), join(folder, "link"));
  const reads = [];
  for (let round = 0; round < 400; round++) {
    reads.push(read({ ...inside, version: secret }));
    renameSync(join(folder, "sub"), join(folder, "away"));
    renameSync(join(folder, "link"), join(folder, "sub"));
    await new Promise((resolve) => setImmediate(resolve));
    renameSync(join(folder, "sub"), join(folder, "link"));
    renameSync(join(folder, "away"), join(folder, "sub"));
  }
  const kinds = new Set((await Promise.all(reads)).map(({ kind }) => kind));
  expect([...kinds]).toEqual(["gone"]);
});
