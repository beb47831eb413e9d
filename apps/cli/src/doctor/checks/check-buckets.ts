import { bucketRoots, type SluiceConfig } from "@sluice/config";
import { openBucket, tryBucket } from "@sluice/s3";
import { broken, ok, warning, type Finding } from "../finding.ts";

/** Longest time for one bucket to answer. */
const TIMEOUT_MS = 15_000;

/** Buckets that are roots: whether they can be listed, and whether they keep versions. Nothing is written to them. */
export async function checkBuckets(config: SluiceConfig): Promise<readonly Finding[]> {
  const roots = [...bucketRoots(config.roots)];
  return await Promise.all(
    roots.map(async ([name, settings]) => {
      const where = settings.endpoint === null ? "" : ` at ${settings.endpoint.host}`;
      const place = `s3://${settings.bucket}/${settings.prefix}${where}`;
      return await checkBucket(`root ${name}`, place, settings);
    }),
  );
}

type BucketSettings = Parameters<typeof openBucket>[0]["settings"];

async function checkBucket(
  what: string,
  place: string,
  settings: BucketSettings,
): Promise<Finding> {
  try {
    using bucket = await openBucket({ settings });
    const { keepsVersions, isEmpty } = await tryBucket(bucket, AbortSignal.timeout(TIMEOUT_MS));
    const found = `${place}; can be listed${isEmpty ? ", empty" : ""}`;
    if (keepsVersions === null) {
      const remedy = "allow s3:GetBucketVersioning, or set versions of its source to on or off";
      return warning(what, `${found}, whether it keeps versions may not be asked`, remedy);
    }
    return ok(what, `${found}, ${keepsVersions ? "keeps" : "does not keep"} versions`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const remedy = "docs/s3.md lists the permissions and where credentials come from";
    return broken(what, `${place}: ${reason}`, remedy);
  }
}
