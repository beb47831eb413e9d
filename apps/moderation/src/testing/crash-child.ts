import { existsSync, readFileSync } from "node:fs";
import { verdictJobSchema } from "@sluice/contracts";
import { restoreItem, vaultIdSchema } from "@sluice/moderation";
import { openSiteBuckets } from "./site-buckets.ts";
import { Site } from "./site.ts";

/**
 * A moderation process that is killed by SIGKILL when it reaches a step:
 * `crash-child.ts <site> <step> settle <verdict.json>` or `… restore <vault id>`. The policy is in `<site>/policy.json`, the
 * address of the server with its buckets, if its roots are buckets, in `<site>/endpoint`.
 */
const [folder = "", killAt = "", action = "", argument = ""] = process.argv.slice(2);
const policy: unknown = JSON.parse(readFileSync(`${folder}/policy.json`, "utf8"));
if (typeof policy !== "object" || policy === null) throw new Error("expected a policy");
const endpoint = existsSync(`${folder}/endpoint`)
  ? readFileSync(`${folder}/endpoint`, "utf8")
  : null;
const buckets = endpoint === null ? new Map() : await openSiteBuckets(endpoint);
const site = new Site(folder, { policy, buckets });
const moderation = site.start((step) => {
  if (step === killAt) process.kill(process.pid, "SIGKILL");
});
if (action === "settle") {
  await moderation.settle(verdictJobSchema.parse(JSON.parse(readFileSync(argument, "utf8"))));
} else {
  const id = vaultIdSchema.parse(argument);
  await restoreItem({ id, to: null }, moderation.operator("operator"));
}
