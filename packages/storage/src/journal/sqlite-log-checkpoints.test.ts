import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sourceNameSchema } from "@sluice/contracts";
import { expect, test } from "vitest";
import { SqliteJournal } from "./sqlite-journal.ts";
import { SqliteLogCheckpoints } from "./sqlite-log-checkpoints.ts";

const web = sourceNameSchema.parse("web");
const other = sourceNameSchema.parse("other");
const checkpoint = (offset: number) => ({
  log: "/var/log/nginx/a.json",
  fingerprint: { length: 256, sha256: "ab".repeat(32) },
  offset,
  isFinished: false,
  updatedAtMs: 1_764_000_000_123,
});

test("checkpoints lie in the journal's file, are replaced as a whole, and are each source's own", () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-checkpoints-"));
  const path = join(folder, "journal.sqlite");
  try {
    using _journal = SqliteJournal.open(path);
    {
      using checkpoints = SqliteLogCheckpoints.open(path);
      expect(checkpoints.read(web)).toEqual([]);
      checkpoints.write(web, [checkpoint(1), { ...checkpoint(2 ** 40), isFinished: true }]);
      checkpoints.write(other, [checkpoint(7)]);
      checkpoints.write(web, [checkpoint(3), { ...checkpoint(2 ** 41), isFinished: true }]);
    }
    using again = SqliteLogCheckpoints.open(path);
    expect(again.read(web)).toEqual([checkpoint(3), { ...checkpoint(2 ** 41), isFinished: true }]);
    expect(again.read(other)).toEqual([checkpoint(7)]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
