import { bucketRoots, type SluiceConfig } from "@sluice/config";
import type { RootName } from "@sluice/contracts";
import { openBucket, type Bucket } from "@sluice/s3";

export interface OpenBuckets extends Disposable {
  readonly byRoot: ReadonlyMap<RootName, Bucket>;
}

/** Clients of all roots that are buckets; no request is sent. Throws S3KeyFileError. */
export async function openBuckets(config: SluiceConfig): Promise<OpenBuckets> {
  using stack = new DisposableStack();
  const byRoot = new Map<RootName, Bucket>();
  for (const [name, settings] of bucketRoots(config.roots)) {
    byRoot.set(name, stack.use(await openBucket({ settings })));
  }
  const open = stack.move();
  return { byRoot, [Symbol.dispose]: () => open.dispose() };
}
