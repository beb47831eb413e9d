import type { ChunkId, ObjectPath, ObjectRef, ObjectVersion, SourceName } from "@sluice/contracts";

/**
 * Port: what ingest remembers about the objects of its sources, one row per source and path, holding the
 * latest version seen. Hints and listings only say "look here"; this is what makes sure that every version
 * is handed over once, whatever process dies and whenever.
 *
 *     seen ──planNext──▶ assigned ──markQueued──▶ queued ──decide──▶ decided ──forget──▶ (no row)
 *       ▲                 │                        │                  │
 *       └────dissolve─────┴────────────────────────┘                  │
 *       └──────────────────see: another version───────────────────────┘
 *
 * - seen: not handed over. Has a place in line; the line is served in order of being seen.
 * - assigned: belongs to a chunk plan that is on its way to the queue; the add may or may not have happened.
 * - queued: the queue has acknowledged the chunk; a decision is awaited.
 * - decided: the decision for this version is recorded; this version is not handed over again.
 *
 * A row whose object changes leaves its plan and is seen again; the plan goes on without it.
 *
 * Methods are synchronous and each is one transaction: the journal lies in this process, a batch of a
 * few hundred rows takes milliseconds, and no two steps can interleave.
 */
export interface Journal {
  /** Those of `objects` whose version is not the one that the journal holds; order kept. */
  unknown(source: SourceName, objects: readonly ObjectRef[]): readonly ObjectRef[];
  /** Those of `objects` of which exactly this version is held and not decided; order kept. */
  undecided(source: SourceName, objects: readonly ObjectRef[]): readonly ObjectRef[];
  /** Notes new and changed versions as seen, at the end of the line; leaves known versions alone. Returns how many were noted. */
  see(source: SourceName, objects: readonly ObjectRef[]): number;
  /** The first `limit` seen objects in line. */
  nextSeen(source: SourceName, limit: number): readonly ObjectRef[];
  /**
   * Assigns the first `limit` seen objects in line to a plan, under the id that `toChunkId` gives them. Null when none are
   * in line.
   */
  planNext(
    source: SourceName,
    plan: {
      readonly limit: number;
      readonly toChunkId: (objects: readonly ObjectRef[]) => ChunkId;
    },
  ): ChunkPlan | null;
  /** Plans that were assigned and not acknowledged, oldest first; after a crash these are sent again. */
  unqueuedPlans(source: SourceName): readonly ChunkPlan[];
  /** Plans acknowledged at or before a time and still without decisions, longest waiting first. */
  overduePlans(
    source: SourceName,
    due: { readonly queuedUntilMs: number; readonly limit: number },
  ): readonly ChunkPlan[];
  /** The queue has the chunk. A plan that is gone meanwhile (all of its rows changed or decided) is left alone. */
  markQueued(source: SourceName, ack: { readonly chunkId: ChunkId; readonly atMs: number }): void;
  /** Takes a plan apart: its rows are seen again, in their old places in line. Returns how many rows. */
  dissolve(source: SourceName, chunkId: ChunkId): number;
  /** Records that exactly these versions have their decision, whatever state they are in. Returns how many rows changed. */
  decide(source: SourceName, objects: readonly VersionedPath[]): number;
  /** Decided rows after a path, in a fixed order of paths that only the journal knows; null: from the beginning. */
  decidedAfter(
    source: SourceName,
    page: { readonly after: ObjectPath | null; readonly limit: number },
  ): readonly VersionedPath[];
  /** Removes decided rows of exactly these versions, for objects that no longer exist. Returns how many. */
  forget(source: SourceName, objects: readonly VersionedPath[]): number;
  counts(source: SourceName): JournalCounts;
}

/** Rows that travel as one chunk. Their order is the order of being seen and part of the chunk id. */
export interface ChunkPlan {
  readonly chunkId: ChunkId;
  readonly objects: readonly ObjectRef[];
}

export interface VersionedPath {
  readonly path: ObjectPath;
  readonly version: ObjectVersion;
}

/** Rows by state. */
export interface JournalCounts {
  readonly seen: number;
  readonly assigned: number;
  readonly queued: number;
  readonly decided: number;
}
