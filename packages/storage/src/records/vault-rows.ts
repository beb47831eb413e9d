import {
  IllegalTransitionError,
  mayMove,
  RecordNotFoundError,
  type VaultId,
  type VaultRecord,
  type VaultState,
} from "@sluice/moderation";
import { parseVaultRow, VAULT_COLUMNS } from "./rows.ts";
import type { Sql } from "./sql.ts";

export function findVaultRow(sql: Sql, id: VaultId): VaultRecord | null {
  const row = sql.get(`SELECT ${VAULT_COLUMNS} FROM vault_records v WHERE v.id = :id`, { id });
  return row === undefined ? null : parseVaultRow(row);
}

export function addVaultRow(sql: Sql, record: VaultRecord): void {
  const known = findVaultRow(sql, record.id);
  if (known !== null && !mayMove(known.state, record.state))
    throw new IllegalTransitionError(record.id, known.state, record.state);
  const { v: _shapeVersion, attributes, ...rest } = record;
  const columns = {
    ...rest,
    attributes: attributes === undefined ? null : JSON.stringify(attributes),
  };
  sql.run(
    `INSERT OR REPLACE INTO vault_records (id, decision_id, state, settles_as, kept_at_ms, root, path, version,
       sha256, size_bytes, mode, uid, gid, mtime_ns, attributes)
     VALUES (:id, :decisionId, :state, :settlesAs, :keptAtMs, :root, :path, :version,
       :sha256, :sizeBytes, :mode, :uid, :gid, :mtimeNs, :attributes)`,
    columns,
  );
}

/** Throws IllegalTransitionError for what the state machine does not allow. */
export function moveVaultRow(sql: Sql, id: VaultId, to: VaultState): void {
  const record = findVaultRow(sql, id);
  if (record === null) throw new RecordNotFoundError(id);
  if (!mayMove(record.state, to)) throw new IllegalTransitionError(id, record.state, to);
  sql.run(`UPDATE vault_records SET state = :to WHERE id = :id`, { id, to });
}
