import type { ObjectRef } from "@sluice/contracts";
import type { Intake, Sighting } from "@sluice/sources";
import { headObject } from "../client/head-object.ts";
import type { Bucket } from "../client/open-bucket.ts";
import type { KeyRule } from "./key-rule.ts";
import type { RequestGate } from "./listing/request-gate.ts";
import type { LookOrder } from "./look-order.ts";
import type { VersionMode } from "./version-mode.ts";
import { toObjectRef } from "./to-object-ref.ts";

export interface ObjectLooksOptions {
  readonly bucket: Bucket;
  readonly mode: VersionMode;
  readonly rule: KeyRule;
  readonly gate: RequestGate;
  readonly order: LookOrder;
  readonly intake: Pick<Intake, "offer" | "missing">;
  readonly signal: AbortSignal;
}

export type LookResult = "found" | "missing" | "ignored";

/** Whether a look's request is on its way, so that its answer may already be old. */
interface LookState {
  isSent: boolean;
}

/**
 * Asks what lies under a key now and hands it to the intake. Looks at one key follow one another, so that an older answer never comes behind
 * a newer one; whoever asks while a look has not been sent yet shares it.
 */
export class ObjectLooks {
  readonly #options: ObjectLooksOptions;
  /** The last look at each key that is under way. */
  readonly #looks = new Map<string, { state: LookState; answer: Promise<LookResult> }>();

  constructor(options: ObjectLooksOptions) {
    this.#options = options;
  }

  /** Rejects with S3Error, or the reason of the signal. */
  async look(key: string): Promise<LookResult> {
    const last = this.#looks.get(key);
    if (last?.state.isSent === false) return await last.answer;
    const state = { isSent: false };
    const answer = this.#follow(last?.answer ?? null, state, key);
    this.#looks.set(key, { state, answer });
    return await answer;
  }

  async #follow(
    last: Promise<LookResult> | null,
    state: LookState,
    key: string,
  ): Promise<LookResult> {
    const { gate, signal } = this.#options;
    try {
      await last?.catch(() => undefined); // whoever asked for that one is told
      return await gate.send(async () => {
        state.isSent = true;
        return await this.#ask(key);
      }, signal);
    } finally {
      if (this.#looks.get(key)?.state === state) this.#looks.delete(key);
    }
  }

  async #ask(key: string): Promise<LookResult> {
    const { bucket, mode, rule, order, intake, signal } = this.#options;
    const kind = await mode.get(signal);
    order.beginLook(key);
    try {
      const head = await headObject(bucket, key, null, signal);
      const object = head === null ? null : toObjectRef(bucket, { ...head, key }, kind);
      if (head === null || object === null) return this.#tellMissing(key);
      if (rule(key, head.sizeBytes) !== null) return "ignored";
      intake.offer([toSighting(object, head)]);
      return "found";
    } finally {
      order.endLook(key);
    }
  }

  #tellMissing(key: string): LookResult {
    const path = this.#options.bucket.pathOf(key);
    if (path === null) return "ignored";
    this.#options.intake.missing([path]);
    return "missing";
  }
}

/** Objects appear whole, so hardly any of them has to settle; those under names that moderation gives for a moment do. */
export function toSighting(
  object: ObjectRef,
  { lastModifiedMs: changedAtMs }: { readonly lastModifiedMs: number },
): Sighting {
  return { object, changedAtMs };
}
