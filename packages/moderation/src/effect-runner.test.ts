import {
  chunkIdSchema,
  objectPathSchema,
  objectVersionSchema,
  rootNameSchema,
  sourceNameSchema,
} from "@sluice/contracts";
import { describe, expect, test } from "vitest";
import type { EffectPorts } from "./carry-out.ts";
import type { Effect, EffectResult } from "./effect.ts";
import { EffectRunner } from "./effect-runner.ts";
import { decisionIdSchema, effectIdSchema } from "./ids.ts";
import type { ModerationRecords } from "./records.ts";

const pending: Effect = {
  id: effectIdSchema.parse(`e${"0".repeat(24)}`),
  decisionId: decisionIdSchema.parse(`d${"0".repeat(24)}`),
  plan: { kind: "publish", to: rootNameSchema.parse("published"), onConflict: "hold" },
  state: "pending",
  result: null,
  actor: "policy",
  attempts: 0,
  source: sourceNameSchema.parse("uploads"),
  chunkId: chunkIdSchema.parse(`c${"0".repeat(40)}`),
  root: rootNameSchema.parse("uploads"),
  path: objectPathSchema.parse("a.jpg"),
  version: objectVersionSchema.parse("1-2-3-4"),
  sha256: null,
};

const unused = () => Promise.reject(new Error("not expected in this test"));

/** One effect in memory; `publish` is what the world does. */
class World {
  effect = pending;
  readonly published: string[] = [];
  readonly postponed: string[] = [];
  publish: () => Promise<void> = () => Promise.resolve();

  get ports(): EffectPorts {
    const records: ModerationRecords = {
      record: unused,
      exemptAmong: unused,
      begin: unused,
      takeOver: unused,
      renewClaims: unused,
      findVaultRecord: unused,
      addVaultRecord: unused,
      moveVaultRecord: unused,
      findDecision: unused,
      latestEffect: unused,
      findEffect: async () => this.effect,
      markPlaced: async () => undefined,
      finish: async (_, result: EffectResult) => {
        this.effect = { ...this.effect, state: "done", result };
      },
      postpone: async (_, { code }) => void this.postponed.push(code),
    };
    return {
      records,
      vault: { keep: unused, confirm: unused, discard: unused },
      originals: { setAside: unused, remove: async () => "removed", mark: unused, unmark: unused },
      places: {
        publish: async ({ path }) => {
          await this.publish();
          this.published.push(path);
          return { kind: "placed" };
        },
        restore: unused,
        tidy: async () => undefined,
      },
      now: () => 1_000,
      onStep: () => undefined,
    };
  }

  runner(): EffectRunner {
    const nothing = () => undefined;
    const events = { decided: nothing, effectsResumed: nothing, ensembleUnknown: nothing };
    const both = { ...events, effectDone: nothing, effectFailed: nothing };
    return new EffectRunner({ ports: this.ports, events: both, concurrency: 2 });
  }
}

const failure = (code: string) => Object.assign(new Error("failed"), { code });

describe("an effect", () => {
  test("is carried out once, by however many it is asked for at the same time", async () => {
    const world = new World();
    const outcomes = await world.runner().run([pending, pending, pending]);
    expect(world.published).toEqual(["a.jpg"]);
    expect(outcomes).toEqual(
      Array.from({ length: 3 }, () => ({ kind: "done", result: "published" })),
    );
  });

  test("that was finished since the caller looked is left alone", async () => {
    const world = new World();
    const runner = world.runner();
    await runner.run([pending]);
    expect(await runner.run([pending])).toEqual([{ kind: "done", result: "published" }]);
    expect(world.published).toEqual(["a.jpg"]);
  });

  test("that fails for a reason outside is postponed, and the next attempt succeeds", async () => {
    const world = new World();
    const runner = world.runner();
    world.publish = () => Promise.reject(failure("ENOSPC"));
    const [outcome] = await runner.run([pending]);
    expect(outcome).toMatchObject({ kind: "postponed", failure: { nextAttemptAtMs: 2_000 } });
    expect(world.postponed).toEqual(["ENOSPC"]);
    world.publish = () => Promise.resolve();
    expect(await runner.run([pending])).toEqual([{ kind: "done", result: "published" }]);
  });

  test.each([["ERR_INVALID_ARG_TYPE"], ["ERR_SQLITE_ERROR"]])(
    "that fails with %s is thrown: a bug or broken records are not the file's fault",
    async (code) => {
      const world = new World();
      world.publish = () => Promise.reject(failure(code));
      await expect(world.runner().run([pending])).rejects.toMatchObject({ code });
      expect(world.postponed).toEqual([]);
    },
  );
});
