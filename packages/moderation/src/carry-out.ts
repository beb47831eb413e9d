import type { ObjectVersion } from "@sluice/contracts";
import type { Effect, EffectPlan, EffectResult } from "./effect.ts";
import { immediateResult } from "./effect.ts";
import { IllegalTransitionError } from "./errors.ts";
import { vaultIdOf } from "./ids.ts";
import type { Originals } from "./originals.ts";
import type { Places, PlaceResult } from "./places.ts";
import type { ModerationRecords } from "./records.ts";
import type { OnStep } from "./steps.ts";
import { takeToVault, type TakeRequest } from "./take-to-vault.ts";
import type { VaultState } from "./vault-record.ts";
import type { Vault } from "./vault.ts";

export interface EffectPorts {
  readonly records: ModerationRecords;
  readonly vault: Vault;
  readonly originals: Originals;
  readonly places: Places;
  /** Unix time in milliseconds. */
  readonly now: () => number;
  readonly onStep: OnStep;
}

type PlanOf<K extends EffectPlan["kind"]> = Extract<EffectPlan, { kind: K }>;
type Ending = {
  readonly result: EffectResult;
  readonly vault: Parameters<ModerationRecords["finish"]>[2]["vault"];
};

/**
 * Does one effect to its end and records it. Called again after a crash anywhere, it finishes what was begun.
 * Throws what the ports throw; then the effect is still open.
 */
export async function carryOut(effect: Effect, ports: EffectPorts): Promise<EffectResult> {
  const { result, vault } = await act(effect, ports);
  await ports.records.finish(effect.id, result, { atMs: ports.now(), vault });
  ports.onStep("record.done");
  return result;
}

async function act(effect: Effect, ports: EffectPorts): Promise<Ending> {
  const { plan } = effect;
  switch (plan.kind) {
    case "none":
    case "hold":
      return { result: immediateResult(plan) ?? "nothing", vault: null };
    case "discard":
      return { result: await discard(effect, ports), vault: null };
    case "unmark":
      await ports.originals.unmark({ ...effect, token: effect.id });
      return { result: "nothing", vault: null };
    case "vault":
      return moveToVault(effect, plan, ports);
    case "publish":
      return { result: await publish(effect, plan, ports), vault: null };
    case "restore":
      return restore(effect, plan, ports);
    default:
      return plan satisfies never;
  }
}

async function discard(effect: Effect, { originals }: EffectPorts): Promise<EffectResult> {
  const removed = await originals.remove({ ...effect, token: effect.id });
  return removed === "removed" ? "discarded" : removed;
}

async function moveToVault(
  effect: Effect,
  plan: PlanOf<"vault">,
  ports: EffectPorts,
): Promise<Ending> {
  const id = vaultIdOf(effect.id, "q");
  const taken = await takeToVault({ ...effect, id, as: plan.as }, ports);
  return taken === "taken"
    ? { result: "vaulted", vault: { id, state: plan.as } }
    : { result: taken, vault: null };
}

/**
 * Publishing:  pending ── copy placed ──▶ placed ── incoming file removed ──▶ done
 *
 * From `placed` on the file is public. If a new version lies in the incoming place by then, it stays there: it
 * has its own job.
 */
async function publish(
  effect: Effect,
  plan: PlanOf<"publish">,
  ports: EffectPorts,
): Promise<EffectResult> {
  if (effect.state === "pending") {
    const placed = await placeOrReplace(effect, plan, ports);
    if (placed !== "placed") return placed;
    await ports.records.markPlaced(effect.id);
    ports.onStep("record.placed");
  }
  await ports.places.tidy({ root: plan.to, path: effect.path }, effect.id);
  await ports.originals.remove({ ...effect, token: effect.id });
  return "published";
}

async function placeOrReplace(
  effect: Effect,
  plan: PlanOf<"publish">,
  ports: EffectPorts,
): Promise<PlaceResult["kind"]> {
  const request = { ...effect, token: effect.id, to: plan.to };
  if (plan.onConflict === "hold") return (await ports.places.publish(request)).kind;
  // An older file that a crashed attempt had begun to move away goes first, or its record would stay open.
  await finishReplacing(effect, ports);
  const first = await ports.places.publish(request);
  if (first.kind !== "conflict") return first.kind;
  await replaceOlder(effect, plan, first.existing, ports);
  // Should yet another file have appeared in that moment, a person decides.
  return (await ports.places.publish(request)).kind;
}

async function replaceOlder(
  effect: Effect,
  plan: PlanOf<"publish">,
  version: ObjectVersion,
  ports: EffectPorts,
): Promise<void> {
  const id = vaultIdOf(effect.id, "r");
  const known = await ports.records.findVaultRecord(id);
  // One older file per effect: whoever put a second one there should be asked, so this ends as a conflict.
  if (known !== null && known.state !== "abandoned") return;
  const { decisionId, path } = effect;
  const older = { decisionId, root: plan.to, path, version, sha256: null };
  await takeReplaced({ ...older, id, as: "replaced" }, ports);
}

async function finishReplacing(effect: Effect, ports: EffectPorts): Promise<void> {
  const record = await ports.records.findVaultRecord(vaultIdOf(effect.id, "r"));
  if (record?.state === "taking" || record?.state === "removing")
    await takeReplaced({ ...record, as: "replaced" }, ports);
}

async function takeReplaced(request: TakeRequest, ports: EffectPorts): Promise<void> {
  if ((await takeToVault(request, ports)) === "taken")
    await ports.records.moveVaultRecord(request.id, "replaced");
}

const RESTORABLE: readonly VaultState[] = ["quarantined", "held", "replaced"];

/**
 * Restoring:  pending ── copy placed ──▶ placed ──▶ done. The vault keeps its bytes. A file in the way ends it as
 * `refused`, with the record as it was.
 */
async function restore(
  effect: Effect,
  plan: PlanOf<"restore">,
  ports: EffectPorts,
): Promise<Ending> {
  const record = await ports.records.findVaultRecord(plan.vaultId);
  if (record === null || !RESTORABLE.includes(record.state))
    throw new IllegalTransitionError(plan.vaultId, record?.state ?? "unknown", "restored");
  const to = { root: plan.toRoot, path: plan.toPath };
  if (effect.state === "pending") {
    const placed = await ports.places.restore({ provenance: record, to, token: effect.id });
    if (placed.kind === "conflict") return { result: "refused", vault: null };
    await ports.records.markPlaced(effect.id);
    ports.onStep("record.placed");
  }
  await ports.places.tidy(to, effect.id);
  return { result: "restored", vault: { id: record.id, state: "restored" } };
}
