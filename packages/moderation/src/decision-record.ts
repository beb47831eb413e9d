import type {
  ChunkId,
  Classification,
  EnsembleName,
  ObjectPath,
  ObjectVersion,
  PolicyName,
  RootName,
  Sha256,
  SourceName,
} from "@sluice/contracts";
import type { Decision, Rule } from "@sluice/policy";
import type { DecisionId } from "./ids.ts";

/** One decision with everything that explains it; written once, never changed. */
export interface DecisionRecord {
  readonly id: DecisionId;
  readonly decidedAtMs: number;
  readonly source: SourceName;
  readonly root: RootName;
  readonly path: ObjectPath;
  readonly version: ObjectVersion;
  readonly sizeBytes: number;
  readonly chunkId: ChunkId;
  readonly policy: PolicyName;
  readonly policyDigest: Sha256;
  readonly ensemble: EnsembleName;
  readonly ensembleDigest: Sha256;
  readonly worker: string;
  readonly classifiedAtMs: number;
  readonly classification: Classification;
  readonly decision: Decision;
  /** The rule that decided. */
  readonly rule: Rule;
  /** Every rule that fired, the deciding one among them. */
  readonly fired: readonly Rule[];
}

/** Hash of the content that was judged; null where it could not be read. */
export function contentOf(classification: Classification): Sha256 | null {
  return classification.kind === "gone" ? null : (classification.sha256 ?? null);
}
