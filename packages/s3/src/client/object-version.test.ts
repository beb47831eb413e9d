import { objectVersionSchema } from "@sluice/contracts";
import { expect, test } from "vitest";
import { parseObjectVersion, versionOfObject } from "./object-version.ts";

const FACTS = { versionId: null, etag: '"abc-2"', sizeBytes: 7, lastModifiedMs: 1_700_000_000_999 };

test("a bucket that keeps versions names them", () => {
  const version = versionOfObject({ ...FACTS, versionId: "3/L4kqtJ" });
  expect(version).toBe("v3/L4kqtJ");
  expect(parseObjectVersion(version)).toEqual({ kind: "version", versionId: "3/L4kqtJ" });
});

test("without versions it is size, time and ETag, as a listing and a HEAD both tell them", () => {
  const version = versionOfObject(FACTS);
  expect(version).toBe("e7-1700000000-abc-2");
  expect(versionOfObject({ ...FACTS, etag: "abc-2", lastModifiedMs: 1_700_000_000_000 })).toBe(
    version,
  );
  expect(versionOfObject({ ...FACTS, versionId: "null" })).toBe(version);
  expect(parseObjectVersion(version)).toEqual({
    kind: "etag",
    etag: "abc-2",
    sizeBytes: 7,
    lastModifiedS: 1_700_000_000,
  });
});

test("the same ETag at another time is another version, because an MD5 can be forged", () => {
  const later = versionOfObject({ ...FACTS, lastModifiedMs: FACTS.lastModifiedMs + 1000 });
  expect(later).not.toBe(versionOfObject(FACTS));
});

test("a file's version is none of a bucket's", () => {
  expect(parseObjectVersion(objectVersionSchema.parse("12-7-1700000000-1700000000"))).toBeNull();
});
