import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  chunkIdSchema,
  ensembleNameSchema,
  objectPathSchema,
  objectVersionSchema,
  policyNameSchema,
  rootNameSchema,
  sha256Schema,
  sourceNameSchema,
} from "@sluice/contracts";
import {
  EffectInProgressError,
  IllegalTransitionError,
  newDecisionId,
  newEffectId,
  type NewDecision,
  vaultIdOf,
} from "@sluice/moderation";
import { ownIdentity } from "./process-identity.ts";
import { RecordsView } from "./records-view.ts";
import { RecordsTooNewError } from "./schema.ts";
import { SqliteRecords } from "./sqlite-records.ts";
import { createTokenSource } from "./token-source.ts";

let folder: string;
const path = () => join(folder, "deep/records.sqlite");
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-records-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const now = () => 1_000;
const nextToken = createTokenSource(now);
const SHA = sha256Schema.parse("a".repeat(64));

function decision(name: string, plan: NewDecision["plan"]): NewDecision {
  return {
    effectId: newEffectId(nextToken),
    plan,
    record: {
      id: newDecisionId(nextToken),
      decidedAtMs: 1,
      source: sourceNameSchema.parse("uploads"),
      root: rootNameSchema.parse("uploads"),
      path: objectPathSchema.parse(name),
      version: objectVersionSchema.parse("1-2-3-4"),
      sizeBytes: 3,
      chunkId: chunkIdSchema.parse(`c${"0".repeat(40)}`),
      policy: policyNameSchema.parse("default"),
      policyDigest: SHA,
      ensemble: ensembleNameSchema.parse("default"),
      ensembleDigest: SHA,
      worker: "w",
      classifiedAtMs: 1,
      classification: { kind: "unscannable", reason: "empty", detail: "", sha256: SHA },
      decision: "quarantine",
      rule: { kind: "unscannable", reason: "empty" },
      fired: [{ kind: "unscannable", reason: "empty" }],
    },
  };
}
const toVault = { kind: "vault", as: "quarantined" } as const;

test("a decision comes back as it was written, with all that explains it", async () => {
  using records = new SqliteRecords({ path: path(), now });
  const written = decision("x%FF.jpg", toVault);
  await records.record([written], 1);
  expect(await records.findDecision(written.record.id)).toEqual(written.record);
});

test("the file and its folder are private", () => {
  using _records = new SqliteRecords({ path: path(), now });
  expect((statSync(path()).mode & 0o777).toString(8)).toBe("600");
  expect((statSync(join(folder, "deep")).mode & 0o777).toString(8)).toBe("700");
});

test("either all decisions of a verdict are written or none", async () => {
  using records = new SqliteRecords({ path: path(), now });
  const [one, other] = [decision("a.jpg", toVault), decision("b.jpg", toVault)];
  const clash = { ...other, effectId: one.effectId };
  await expect(records.record([one, clash], 1)).rejects.toThrow(/UNIQUE/u);
  expect(await records.findDecision(one.record.id)).toBeNull();
});

test("an open effect is taken over from a dead process and not from a living one", async () => {
  const dead = JSON.stringify(["another boot", "", 1, ""]);
  using theirs = new SqliteRecords({ path: path(), now, identity: dead });
  using ours = new SqliteRecords({ path: path(), now });
  using alsoOurs = new SqliteRecords({ path: path(), now });
  await theirs.record([decision("a.jpg", toVault)], 1);
  const taken = await ours.takeOver({ dueAtMs: 1_000, limit: 10 });
  expect(taken.map((effect) => effect.path)).toEqual(["a.jpg"]);
  expect(await theirs.takeOver({ dueAtMs: 1_000, limit: 10 })).toEqual([]);
  expect(await alsoOurs.takeOver({ dueAtMs: 1_000, limit: 10 })).toEqual([]);
});

test("a verdict delivered again leaves alone what another living process works on", async () => {
  const foreign = ownIdentity().replace(/pid:\[\d+\]/u, "pid:[1]");
  let clock = 1_000;
  using theirs = new SqliteRecords({ path: path(), now: () => clock, identity: foreign });
  using ours = new SqliteRecords({ path: path(), now: () => clock });
  const one = decision("a.jpg", toVault);
  await theirs.record([one], clock);
  clock += 10_000;
  await theirs.renewClaims();
  clock += 10_000;
  expect(await ours.record([one], clock)).toMatchObject([{ isOurs: false }]);
  clock += 10_000;
  expect(await ours.record([one], clock)).toMatchObject([{ isOurs: true }]);
});

test("a postponed effect is taken up again when it is due, and not before", async () => {
  using records = new SqliteRecords({ path: path(), now });
  const one = decision("a.jpg", toVault);
  await records.record([one], 1);
  await records.postpone(one.effectId, { code: "ENOSPC", message: "full", nextAttemptAtMs: 500 });
  expect(await records.takeOver({ dueAtMs: 499, limit: 10 })).toEqual([]);
  expect(await records.takeOver({ dueAtMs: 500, limit: 10 })).toMatchObject([{ attempts: 1 }]);
});

test("an effect ends once: what comes later changes nothing", async () => {
  using records = new SqliteRecords({ path: path(), now });
  const one = decision("a.jpg", toVault);
  await records.record([one], 1);
  await records.finish(one.effectId, "vaulted", { atMs: 2, vault: null });
  await records.finish(one.effectId, "gone", { atMs: 3, vault: null });
  expect((await records.findEffect(one.effectId))?.result).toBe("vaulted");
  using view = RecordsView.open(path());
  expect(view?.actions(one.record.id).map(({ action }) => action)).toEqual(["effect.vaulted"]);
});

test("a second effect of the same decision waits for the first", async () => {
  using records = new SqliteRecords({ path: path(), now });
  const one = decision("a.jpg", toVault);
  await records.record([one], 1);
  const wanted = {
    id: newEffectId(nextToken),
    decisionId: one.record.id,
    plan: toVault,
    actor: "anna",
    atMs: 2,
    action: "review.rejected",
    exempt: null,
    vault: null,
  };
  await expect(records.begin(wanted)).rejects.toBeInstanceOf(EffectInProgressError);
});

test("a vault record cannot leave its state machine", async () => {
  using records = new SqliteRecords({ path: path(), now });
  const one = decision("a.jpg", toVault);
  await records.record([one], 1);
  const id = vaultIdOf(one.effectId, "q");
  const { root, path: name, version, id: decisionId } = one.record;
  const attributes = { sizeBytes: 3, mode: 0o644, uid: 0, gid: 0, mtimeNs: "1", keptAtMs: 1 };
  const where = { id, decisionId, root, path: name, version, sha256: SHA, ...attributes };
  await records.addVaultRecord({ v: 1, ...where, state: "taking", settlesAs: "quarantined" });
  await expect(records.moveVaultRecord(id, "restored")).rejects.toBeInstanceOf(
    IllegalTransitionError,
  );
  await records.moveVaultRecord(id, "removing");
  await expect(records.moveVaultRecord(id, "abandoned")).rejects.toBeInstanceOf(
    IllegalTransitionError,
  );
});

test("what a bucket kept beside the bytes is kept; records of an earlier Sluice are brought up to date", async () => {
  const records = new SqliteRecords({ path: path(), now });
  const [file, object] = [decision("a.jpg", toVault), decision("b.jpg", toVault)];
  await records.record([file, object], 1);
  const attributes = { contentType: "image/jpeg", metadata: { album: "x" }, tags: { a: "b" } };
  const record = (of: typeof file) => {
    const { root, path: name, version, id: decisionId } = of.record;
    const bytes = { sha256: SHA, sizeBytes: 3, mode: 0o644, uid: 0, gid: 0, mtimeNs: "1" };
    const where = { id: vaultIdOf(of.effectId, "q"), decisionId, root, path: name, version };
    return { v: 1, ...where, ...bytes, keptAtMs: 1, state: "taking", settlesAs: "held" } as const;
  };
  await records.addVaultRecord(record(file));
  records.sql.db.exec(`DROP INDEX effects_waiting; ALTER TABLE vault_records DROP COLUMN attributes;
    CREATE INDEX effects_waiting ON effects (result, created_at_ms); PRAGMA user_version = 1;`);
  records[Symbol.dispose]();
  using view = RecordsView.open(path());
  expect(view?.vaultRecord(record(file).id)).toEqual(record(file));
  using later = new SqliteRecords({ path: path(), now });
  await later.addVaultRecord({ ...record(object), attributes });
  expect(view?.vaultRecord(record(object).id)).toEqual({ ...record(object), attributes });
});

test("the log of actions can only grow", async () => {
  using records = new SqliteRecords({ path: path(), now });
  await records.record([decision("a.jpg", { kind: "none", result: "nothing" })], 1);
  const { db } = records.sql;
  expect(() => db.exec("UPDATE actions SET actor = 'me'")).toThrow(/append-only/u);
  expect(() => db.exec("DELETE FROM actions")).toThrow(/append-only/u);
});

test("the view opens while nobody else has the records open, and waits for records to be made", async () => {
  expect(RecordsView.open(path())).toBeNull();
  const records = new SqliteRecords({ path: path(), now });
  await records.record([decision("a.jpg", toVault)], 1);
  records[Symbol.dispose]();
  using view = RecordsView.open(path());
  expect(view?.counts()).toMatchObject({ decisions: { quarantine: 1 }, openEffects: 1 });
  const empty = join(folder, "empty.sqlite");
  writeFileSync(empty, "");
  expect(RecordsView.open(empty)).toBeNull();
});

test("records of a later Sluice are refused", () => {
  new SqliteRecords({ path: path(), now })[Symbol.dispose]();
  const db = new DatabaseSync(path());
  db.exec("PRAGMA user_version = 99");
  db.close();
  expect(() => new SqliteRecords({ path: path(), now })).toThrow(RecordsTooNewError);
  expect(() => RecordsView.open(path())).toThrow(RecordsTooNewError);
});
