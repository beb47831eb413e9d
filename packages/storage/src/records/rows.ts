import {
  chunkIdSchema,
  classificationSchema,
  ensembleNameSchema,
  objectPathSchema,
  objectVersionSchema,
  policyNameSchema,
  rootNameSchema,
  sha256Schema,
  sourceNameSchema,
} from "@sluice/contracts";
import {
  decisionIdSchema,
  decisionSchema,
  effectIdSchema,
  effectPlanSchema,
  effectResultSchema,
  effectStateSchema,
  objectAttributesSchema,
  provenanceSchema,
  ruleSchema,
  vaultStateSchema,
  type DecisionRecord,
  type Effect,
  type VaultRecord,
} from "@sluice/moderation";
import { z } from "zod";

/** A text column that holds JSON of a shape. */
function json<S extends z.ZodType>(schema: S) {
  return z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(schema);
}

/** Columns are named in SQL as the fields are here, so parsing a row gives the value. */
const decisionRowSchema = z.object({
  id: decisionIdSchema,
  decidedAtMs: z.number(),
  source: sourceNameSchema,
  root: rootNameSchema,
  path: objectPathSchema,
  version: objectVersionSchema,
  sizeBytes: z.number(),
  chunkId: chunkIdSchema,
  policy: policyNameSchema,
  policyDigest: sha256Schema,
  ensemble: ensembleNameSchema,
  ensembleDigest: sha256Schema,
  worker: z.string(),
  classifiedAtMs: z.number(),
  classification: json(classificationSchema),
  decision: decisionSchema,
  rule: json(ruleSchema),
  fired: json(z.array(ruleSchema)),
});

export const DECISION_COLUMNS = `
  d.id, d.decided_at_ms AS decidedAtMs, d.source, d.root, d.path, d.version, d.size_bytes AS sizeBytes,
  d.chunk_id AS chunkId, d.policy, d.policy_digest AS policyDigest, d.ensemble, d.ensemble_digest AS ensembleDigest,
  d.worker, d.classified_at_ms AS classifiedAtMs, d.classification, d.decision, d.rule, d.fired`;

export function parseDecisionRow(row: unknown): DecisionRecord {
  return decisionRowSchema.parse(row);
}

const effectRowSchema = z.object({
  id: effectIdSchema,
  decisionId: decisionIdSchema,
  plan: json(effectPlanSchema),
  state: effectStateSchema,
  result: effectResultSchema.nullable(),
  actor: z.string(),
  attempts: z.number(),
  source: sourceNameSchema,
  chunkId: chunkIdSchema,
  root: rootNameSchema,
  path: objectPathSchema,
  version: objectVersionSchema,
  sha256: sha256Schema.nullable(),
});

/** For `effects e JOIN decisions d`. */
export const EFFECT_COLUMNS = `
  e.id, e.decision_id AS decisionId, e.plan, e.state, e.result, e.actor, e.attempts,
  d.source, d.chunk_id AS chunkId, d.root, d.path, d.version, d.sha256`;

export function parseEffectRow(row: unknown): Effect {
  return effectRowSchema.parse(row);
}

const vaultRowSchema = provenanceSchema.omit({ v: true, attributes: true }).extend({
  attributes: json(objectAttributesSchema).nullable(),
  state: vaultStateSchema,
  settlesAs: z.enum(["quarantined", "held", "replaced"]),
});

export const VAULT_COLUMNS = `
  v.id, v.decision_id AS decisionId, v.state, v.settles_as AS settlesAs, v.kept_at_ms AS keptAtMs, v.root, v.path,
  v.version, v.sha256, v.size_bytes AS sizeBytes, v.mode, v.uid, v.gid, v.mtime_ns AS mtimeNs,
  v.attributes`;

export function parseVaultRow(row: unknown): VaultRecord {
  const { attributes, ...record } = vaultRowSchema.parse(row);
  return { v: 1, ...record, ...(attributes !== null && { attributes }) };
}
