import { rm } from "node:fs/promises";
import {
  approveItem,
  rejectItem,
  restoreItem,
  type OperatorOptions,
  type StepName,
} from "@sluice/moderation";
import fc from "fast-check";
import { expect, test } from "vitest";
import { GATE, sha256Of, Site, SWEEP } from "./testing/site.ts";

/** Stands for SIGKILL (which crash.test.ts uses): nothing after it runs except closing of descriptors. */
class Crash extends Error {}

const PATHS = ["a.jpg", "b.jpg", "d/c.jpg"] as const;
const path = fc.constantFrom(...PATHS);
const score = fc.constantFrom(0.1, 0.3, 0.9);
/** Number of the step at which the process dies; beyond the last: it lives. */
const crashAt = fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat(30));
const pick = fc.nat(5);

const action = fc.oneof(
  fc.record({ do: fc.constant("upload" as const), path }),
  fc.record({ do: fc.constant("settle" as const), score, crashAt }),
  // The uploader writes a new version between the verdict and its effect.
  fc.record({ do: fc.constant("overtake" as const), path, score, crashAt }),
  fc.record({ do: fc.constant("restore" as const), pick, crashAt }),
  fc.record({ do: fc.constant("approve" as const), pick, crashAt }),
  fc.record({ do: fc.constant("reject" as const), pick, crashAt }),
  fc.record({ do: fc.constant("unpublish" as const), path }),
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

/** A site with its people, and what they have uploaded and not thrown away themselves. */
class World {
  readonly site: Site;
  readonly kept = new Set<string>();
  #uploads = 0;

  constructor(site: Site) {
    this.site = site;
  }

  async run(step: Action): Promise<void> {
    switch (step.do) {
      case "upload":
        return this.upload(step.path);
      case "settle":
        return this.settle(step, null);
      case "overtake":
        return this.settle(step, step.path);
      case "restore":
        return this.operate(step.crashAt, async (options) => {
          using records = this.site.view();
          const held = records.vault({ limit: 100 });
          const one = held[step.pick % Math.max(1, held.length)];
          if (one !== undefined) await restoreItem({ id: one.id, to: null }, options);
        });
      case "approve":
      case "reject":
        return this.operate(step.crashAt, async (options) => {
          using records = this.site.view();
          const waiting = records.decisions({ isWaiting: true, limit: 100 });
          const id = waiting[step.pick % Math.max(1, waiting.length)]?.record.id;
          if (id === undefined) return;
          if (step.do === "reject") await rejectItem(id, options);
          else await approveItem(id, { ...options, onConflict: "hold" });
        });
      case "unpublish":
        return this.discard("published", step.path);
      default:
        return step satisfies never;
    }
  }

  async upload(name: string): Promise<void> {
    await this.discard("uploads", name);
    const content = `upload ${this.#uploads++}`;
    this.kept.add(content);
    await this.site.upload(name, content);
  }

  /** A person removes a file: from then on nobody owes us its bytes, unless they are elsewhere too. */
  async discard(root: string, name: string): Promise<void> {
    const content = (await this.site.files(root))[name];
    if (content === undefined) return;
    this.kept.delete(content);
    await rm(this.site.path(root, name));
  }

  async settle(
    { score: value, crashAt: at }: { score: number; crashAt: number },
    overtaken: string | null,
  ): Promise<void> {
    const names = Object.keys(await this.site.files("uploads"));
    if (names.length === 0) return;
    const verdict = await this.site.verdict(Object.fromEntries(names.map((n) => [n, value])));
    if (overtaken !== null) await this.upload(overtaken);
    await this.crashing(at, async (onStep) => {
      await this.site.start(onStep).settle(verdict);
    });
    await this.site.start().resume();
    await this.site.start().settle(verdict); // the queue delivers again what was not acknowledged
  }

  async operate(at: number, act: (options: OperatorOptions) => Promise<void>): Promise<void> {
    this.site.start(); // makes the records if nothing was settled yet
    await this.crashing(at, async (onStep) => {
      try {
        await act(this.site.start(onStep).operator("anna"));
      } catch (error) {
        const isRefusal = error instanceof Error && "exitCode" in error;
        if (!isRefusal) throw error;
      }
    });
    await this.site.start().resume();
  }

  async crashing(at: number, act: (onStep: (s: StepName) => void) => Promise<void>): Promise<void> {
    let count = 0;
    try {
      await act(() => {
        if (count++ >= at) throw new Crash("killed");
      });
    } catch (error) {
      const isCrash =
        error instanceof Crash ||
        (error instanceof AggregateError && error.errors.every((e) => e instanceof Crash));
      if (!isCrash) throw error;
    }
  }

  /** Where each content is to be found: folders, and the vault for records that say it is only there. */
  async whereabouts(): Promise<Map<string, string[]>> {
    const found = new Map<string, string[]>();
    const add = (content: string, where: string) =>
      found.set(content, [...(found.get(content) ?? []), where]);
    for (const root of ["uploads", "published"])
      for (const [name, content] of Object.entries(await this.site.files(root)))
        add(content, `${root}:${name}`);
    const blobs = new Map((await this.site.vaultContents()).map((c) => [sha256Of(c), c]));
    using records = this.site.view();
    for (const { sha256, id } of records.vault({ limit: 1000 }))
      add(blobs.get(sha256) ?? `missing ${sha256}`, `vault:${id}`);
    return found;
  }
}

test.each([
  ["gate", GATE],
  ["gate with replace", { ...GATE, onConflict: "replace" }],
  ["sweep", SWEEP],
  ["sweep with leave", { ...SWEEP, onReview: "leave" }],
])(
  "%s: whatever is uploaded, judged, restored and crashed, each file is in exactly one place",
  async (_, policy) => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 12 }), async (actions) => {
        await using site = await Site.make({ policy });
        const world = new World(site);
        site.start();
        for (const one of actions) {
          await world.run(one);
          const places = await world.whereabouts();
          for (const content of world.kept)
            expect([content, places.get(content)?.length]).toEqual([content, 1]);
          expect([...places.keys()].filter((content) => content.startsWith("missing"))).toEqual([]);
          const names = [...places.values()].flat();
          expect(names.filter((name) => /:(?:.*\/)?\./u.test(name))).toEqual([]);
          using records = site.view();
          expect(records.decisions({ isOpen: true, limit: 1 })).toEqual([]);
        }
      }),
      { numRuns: 25 },
    );
  },
  60_000,
);
