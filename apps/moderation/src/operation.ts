import { userInfo } from "node:os";
import { folderRoots, loadConfig, type Environment, type SluiceConfig } from "@sluice/config";
import { approveItem, rejectItem, restoreItem, type OperatorOutcome } from "@sluice/moderation";
import { startClaimRenewal } from "./claim-renewal.ts";
import { composeModeration, type Moderation } from "./compose.ts";
import { describeFailure } from "./describe-failure.ts";
import { openBuckets, type OpenBuckets } from "./open-buckets.ts";
import { parseOperation, type Operation } from "./parse-operation.ts";
import { findRestoreTarget } from "./restore-target.ts";

export interface OperationContext {
  readonly arguments: readonly string[];
  readonly env: Environment;
  readonly cwd: string;
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
}

/**
 * One action of an operator, beside the running moderation process or without it; the records' locks keep them apart.
 * Gives the exit code: 0 done, 1 refused (nothing was changed), 64 wrong arguments, 70 a bug, 75 try again later,
 * 78 configuration.
 */
export async function runOperation(context: OperationContext): Promise<number> {
  const isJson = context.arguments.includes("--json");
  try {
    const operation = parseOperation(context.arguments);
    const config = await loadConfig(context);
    using buckets = await openBuckets(config);
    using moderation = compose(config, buckets);
    using _renewal = startClaimRenewal(moderation.records);
    const outcome = await operate(operation, config, moderation);
    context.write(isJson ? `${JSON.stringify(toJson(outcome))}\n` : `${describe(outcome)}\n`);
    return 0;
  } catch (error) {
    const { exitCode, code, message } = describeFailure(error);
    if (isJson) context.write(`${JSON.stringify({ error: { code, message } })}\n`);
    else context.writeError(`sluice: ${message}\n`);
    return exitCode;
  }
}

function compose(config: SluiceConfig, { byRoot }: OpenBuckets): Moderation {
  const nothing = () => undefined;
  return composeModeration({
    roots: folderRoots(config.roots),
    buckets: byRoot,
    policies: config.policies,
    vaultDir: config.moderation.vaultDir,
    databasePath: config.moderation.databasePath,
    concurrency: 1,
    ensembles: (records) => ({ read: (digest) => records.findEnsemble(digest) }),
    events: {
      decided: nothing,
      effectDone: nothing,
      effectFailed: nothing,
      effectsResumed: nothing,
      ensembleUnknown: nothing,
      originalLocked: nothing,
      markRefused: nothing,
    },
    now: () => Date.now(),
  });
}

async function operate(
  operation: Operation,
  config: SluiceConfig,
  moderation: Moderation,
): Promise<OperatorOutcome> {
  const options = moderation.operator(`operator:${userInfo().username}`);
  switch (operation.kind) {
    case "restore": {
      const record = await moderation.records.findVaultRecord(operation.id);
      const from = record?.root ?? null;
      const to = findRestoreTarget({
        wanted: operation.to,
        from,
        roots: folderRoots(config.roots),
      });
      return restoreItem({ id: operation.id, to }, options);
    }
    case "approve": {
      const { onConflict } = operation;
      return approveItem(operation.id, { ...options, onConflict });
    }
    case "reject":
      return rejectItem(operation.id, options);
    default:
      return operation satisfies never;
  }
}

function toJson({ effect, result }: OperatorOutcome) {
  const { id, decisionId, plan, root, path } = effect;
  const target =
    plan.kind === "restore" ? { root: plan.toRoot, path: plan.toPath } : { root, path };
  return { effect: id, decision: decisionId, kind: plan.kind, result, ...target };
}

function describe(outcome: OperatorOutcome): string {
  const { root, path, result } = toJson(outcome);
  if (result === "restored")
    return `Restored to ${root}:${path}. Its content is allowed under the same policy from now on.`;
  if (result === "published") return `Published ${path}.`;
  if (result === "locked")
    return `${root}:${path} stays: its bucket refuses to remove it. Lift the lock or allow it, then reject it again.`;
  if (result === "vaulted") return `Moved ${root}:${path} into the vault.`;
  return `Recorded for ${root}:${path}.`;
}
