import type { EnsembleInfo, Sha256 } from "@sluice/contracts";
import type { EnsembleDirectory } from "@sluice/moderation";
import type { SqliteRecords } from "@sluice/storage";

/** Ensembles kept in memory; a site has a handful, a new one with every change of its models. */
const MAX_KNOWN = 64;

/**
 * What an ensemble consists of: from memory, else from our records, else from Redis, where its workers told it.
 * What Redis says is recorded, so that decisions can be made and explained when Redis has forgotten.
 */
export function lookUpEnsembles(
  records: SqliteRecords,
  published: EnsembleDirectory,
): EnsembleDirectory {
  const known = new Map<Sha256, EnsembleInfo>();
  return {
    async read(digest) {
      const info =
        known.get(digest) ?? (await records.findEnsemble(digest)) ?? (await published.read(digest));
      if (info === null || known.has(digest)) return info;
      await records.rememberEnsemble(info);
      if (known.size >= MAX_KNOWN) known.clear();
      known.set(digest, info);
      return info;
    },
  };
}
