import type { RootName } from "@sluice/contracts";
import type { BucketConfig, SluiceConfig } from "./sluice-config.ts";

/** The roots that are buckets. */
export function bucketRoots(roots: SluiceConfig["roots"]): Map<RootName, BucketConfig> {
  const buckets = new Map<RootName, BucketConfig>();
  for (const [name, root] of roots) {
    if (root.kind === "s3") buckets.set(name, root);
  }
  return buckets;
}
