import { mkdirSync, closeSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ensembleInfoSchema, type EnsembleInfo, type Sha256 } from "@sluice/contracts";
import type {
  DecisionId,
  DecisionRecord,
  Effect,
  EffectId,
  EffectResult,
  Failure,
  ModerationRecords,
  NewDecision,
  NewEffect,
  RecordedEffect,
  VaultId,
  VaultRecord,
  VaultState,
} from "@sluice/moderation";
import { z } from "zod";
import { renewClaims, takeOverEffects, type Claim } from "./claims.ts";
import { recordDecision } from "./decision-rows.ts";
import {
  beginEffect,
  effectOfDecision,
  findEffectRow,
  finishEffect,
  markEffectPlaced,
  postponeEffect,
} from "./effect-rows.ts";
import { GroupCommit } from "./group-commit.ts";
import { isClaimAlive, ownIdentity } from "./process-identity.ts";
import { DECISION_COLUMNS, parseDecisionRow } from "./rows.ts";
import { prepareSchema } from "./schema.ts";
import { Sql } from "./sql.ts";
import { addVaultRow, findVaultRow, moveVaultRow } from "./vault-rows.ts";

export interface SqliteRecordsOptions {
  /** File of the database; made with its folder (mode 0700) when it is not there. */
  readonly path: string;
  /** Unix time in milliseconds. */
  readonly now: () => number;
  /** Names the process in claims; the default is this process. Tests pretend to be several. */
  readonly identity?: string;
}

/** Time that a write waits for another process's transaction, which takes a few milliseconds at most. */
const BUSY_TIMEOUT_MS = 5_000;

/**
 * The records in one SQLite file, shared by moderation and operators' one-shot processes on the same host. Written
 * through to the disk at every commit: a decision that ingest was told about must not be lost with the power.
 */
export class SqliteRecords implements ModerationRecords, Disposable {
  readonly #sql: Sql;
  readonly #commits: GroupCommit;
  readonly #now: () => number;
  readonly #self: string;

  constructor({ path, now, identity }: SqliteRecordsOptions) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, "a", 0o600)); // SQLite would make it readable for everybody
    const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
    prepareSchema(db, path);
    this.#sql = new Sql(db);
    this.#commits = new GroupCommit(db);
    this.#now = now;
    this.#self = identity ?? ownIdentity();
  }

  /** For the read-only lists of `list-records.ts`. */
  get sql(): Sql {
    return this.#sql;
  }

  record(decisions: readonly NewDecision[], atMs: number): Promise<readonly RecordedEffect[]> {
    const about = { claim: { by: this.#self, atMs }, isAlive: this.#isAlive };
    return this.#write((sql) => decisions.map((one) => recordDecision(sql, one, about)));
  }

  async exemptAmong(
    policyDigest: Sha256,
    contents: readonly Sha256[],
  ): Promise<ReadonlySet<Sha256>> {
    const isExempt = (sha256: Sha256) =>
      this.#sql.get(
        `SELECT 1 FROM exemptions WHERE sha256 = :sha256 AND policy_digest = :policyDigest`,
        { sha256, policyDigest },
      ) !== undefined;
    return new Set(contents.filter(isExempt));
  }

  begin(effect: NewEffect): Promise<Effect> {
    return this.#write((sql) => beginEffect(sql, effect, this.#self));
  }

  takeOver(options: {
    readonly dueAtMs: number | null;
    readonly limit: number;
  }): Promise<readonly Effect[]> {
    const about = { claim: this.#claim(), isAlive: this.#isAlive };
    return this.#write((sql) => takeOverEffects(sql, { ...options, ...about }));
  }

  async renewClaims(): Promise<void> {
    if (this.#sql.get(`SELECT 1 FROM effects WHERE state <> 'done' LIMIT 1`, {}) === undefined)
      return;
    await this.#write((sql) => renewClaims(sql, this.#claim()));
  }

  markPlaced(effect: EffectId): Promise<void> {
    return this.#write((sql) => markEffectPlaced(sql, effect));
  }

  finish(
    effect: EffectId,
    result: EffectResult,
    options: {
      readonly atMs: number;
      readonly vault: { readonly id: VaultId; readonly state: VaultState } | null;
    },
  ): Promise<void> {
    return this.#write((sql) => finishEffect(sql, effect, { result, ...options }));
  }

  postpone(effect: EffectId, failure: Failure): Promise<void> {
    return this.#write((sql) => postponeEffect(sql, effect, failure));
  }

  async findVaultRecord(id: VaultId): Promise<VaultRecord | null> {
    return findVaultRow(this.#sql, id);
  }

  addVaultRecord(record: VaultRecord): Promise<void> {
    return this.#write((sql) => addVaultRow(sql, record));
  }

  moveVaultRecord(id: VaultId, to: VaultState): Promise<void> {
    return this.#write((sql) => moveVaultRow(sql, id, to));
  }

  async findDecision(id: DecisionId): Promise<DecisionRecord | null> {
    const row = this.#sql.get(`SELECT ${DECISION_COLUMNS} FROM decisions d WHERE d.id = :id`, {
      id,
    });
    return row === undefined ? null : parseDecisionRow(row);
  }

  async findEffect(id: EffectId): Promise<Effect | null> {
    return findEffectRow(this.#sql, id);
  }

  async latestEffect(id: DecisionId): Promise<Effect | null> {
    return effectOfDecision(this.#sql, id);
  }

  /** Keeps what a worker told about its ensemble, so that it is known when Redis has forgotten. */
  rememberEnsemble(info: EnsembleInfo): Promise<void> {
    return this.#write((sql) => {
      sql.run(`INSERT OR IGNORE INTO ensembles (digest, info) VALUES (:digest, :info)`, {
        digest: info.digest,
        info: JSON.stringify(info),
      });
    });
  }

  async findEnsemble(digest: Sha256): Promise<EnsembleInfo | null> {
    const row = this.#sql.get(`SELECT info FROM ensembles WHERE digest = :digest`, { digest });
    if (row === undefined) return null;
    return ensembleInfoSchema.parse(JSON.parse(z.object({ info: z.string() }).parse(row).info));
  }

  #claim(): Claim {
    return { by: this.#self, atMs: this.#now() };
  }

  readonly #isAlive = ({ by, atMs }: Claim): boolean =>
    isClaimAlive(by, { claimedAtMs: atMs, nowMs: this.#now() });

  #write<T>(write: (sql: Sql) => T): Promise<T> {
    return this.#commits.run(() => write(this.#sql));
  }

  [Symbol.dispose](): void {
    this.#sql.db.close();
  }
}
