import { explainingDiskFailures } from "./disk-failure.ts";
import { ensureCached } from "./download/ensure-cached.ts";
import type { WeightsLocation } from "./model-location.ts";
import type { PullOptions } from "./pull-options.ts";

/**
 * Fetches weights into the cache, unless they are there.
 *
 * @returns the path of the file in the cache, whose name may have no suffix
 * @throws ModelHubError as its subclasses say, and the signal's reason
 */
export async function fetchWeights(
  location: WeightsLocation,
  options: PullOptions,
): Promise<string> {
  return await explainingDiskFailures(async () => {
    const path = await ensureCached(location.files[0], options);
    await location.remember();
    return path;
  });
}
