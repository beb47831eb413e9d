import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { headObject } from "../client/head-object.ts";
import type { FaultKind } from "../testing/fake-faults.ts";
import type { EventDesk } from "./events/event-desk.ts";
import { amazon } from "./events/testing/messages.ts";
import { isS3Failure } from "../client/is-s3-failure.ts";
import { S3Harness, uploads } from "./testing/s3-harness.ts";

type Step =
  | { readonly do: "put" | "remove" | "tell"; readonly key: string }
  | { readonly do: "fail"; readonly kind: FaultKind; readonly times: number }
  | { readonly do: "list" | "restart" | "look" };

const key = fc.constantFrom("a.jpg", "b/1.jpg", "b/2.jpg", "b//3.jpg", "ü+ %.jpg");
const kinds = ["access-denied", "internal-error", "slow-down", "half-body", "reset"] as const;
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("put" as const), key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("remove" as const), key }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("tell" as const), key }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("fail" as const),
      kind: fc.constantFrom(...kinds),
      times: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("list" as const, "restart" as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("look" as const) }) },
);

const steps = fc.array(step, { minLength: 5, maxLength: 25 });
const someDelaysMs = fc.array(fc.constantFrom(0, 0, 1, 5, 15), { minLength: 2, maxLength: 12 });

/** A bucket that changes while it is listed all the time, with events that may be late, doubled, wrong or lost. */
class Model implements AsyncDisposable {
  readonly harness: S3Harness;
  /** Every version that was handed over, in order. */
  readonly handed: string[] = [];
  readonly #telling: Promise<void>[] = [];
  #desk: EventDesk | null = null;
  #count = 0;

  private constructor(harness: S3Harness) {
    this.harness = harness;
  }

  /** Answers come as late as `delaysMs` says, in turn: so they overtake one another. */
  static async make(isVersioned: boolean, delaysMs: readonly number[]): Promise<Model> {
    const model = new Model(await S3Harness.make({ maxAttempts: 1 }));
    let turn = 0;
    model.harness.bucket.client.middlewareStack.add(
      (next) => async (args) => {
        const answer = await next(args);
        await delay(delaysMs[turn++ % delaysMs.length]);
        return answer;
      },
      { step: "initialize" },
    );
    if (isVersioned) model.harness.site.fake.bucket("uploads").versioning = "on";
    await model.#start();
    return model;
  }

  async take(next: Step): Promise<void> {
    const { harness } = this;
    switch (next.do) {
      case "put":
        this.#count += 1; // contents of different length, so that no two versions are the same
        harness.put(next.key, "x".repeat(this.#count));
        break;
      case "remove":
        harness.remove(next.key);
        break;
      case "tell":
        this.#telling.push(this.#tell(next.key));
        break;
      case "fail":
        harness.site.fake.faults.add(next);
        break;
      case "list":
        await harness.untilListed();
        break;
      case "look": // the oldest event that is not answered yet is
        await this.#telling.shift();
        break;
      case "restart":
        await this.#start();
        break;
      default:
        next satisfies never;
    }
    this.handOver();
  }

  /** As the queue, the workers and moderation do. */
  handOver(): void {
    for (const { path, version } of this.harness.seen) this.handed.push(`${path} ${version}`);
    this.harness.decideAll();
  }

  /** Everything goes well from now on: two listings later the journal has what the bucket has. */
  async settle(): Promise<void> {
    await Promise.all(this.#telling);
    this.harness.site.fake.faults.clear();
    for (let n = 0; n < 2; n++) await this.harness.untilListed();
    this.handOver();
  }

  /** What the bucket holds, as it would be handed over. */
  async present(): Promise<string[]> {
    const stored = this.harness.site.fake.bucket("uploads");
    const keys = stored.keys().filter((name) => stored.find(name)?.isMarker === false);
    const heads = keys.map(async (name) => {
      const head = await headObject(this.harness.bucket, name);
      return `${this.harness.bucket.pathOf(name)} ${head?.version}`;
    });
    return await Promise.all(heads);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.harness[Symbol.asyncDispose]();
  }

  async #start(): Promise<void> {
    await this.harness.start({
      reconcileEveryMs: 1000, // 10 ms by the test's clock
      openFeeds: (desk) => {
        this.#desk = desk;
        return [];
      },
    });
  }

  async #tell(told: string): Promise<void> {
    try {
      await this.#desk?.take("webhook", amazon(told, String(Math.ceil(this.#count / 2))));
    } catch (error) {
      if (!isS3Failure(error)) throw error; // its sender would send it again, or not
    }
  }
}

test.each([false, true])(
  "whatever changes, fails, comes twice or is lost, every present version is handed over, and none twice; versions: %s",
  async (isVersioned) => {
    await fc.assert(
      fc.asyncProperty(steps, someDelaysMs, async (taken, delays) => {
        await using model = await Model.make(isVersioned, delays);
        for (const next of taken) await model.take(next);
        await model.settle();
        const present = await model.present();
        expect(model.handed).toEqual(expect.arrayContaining(present));
        expect(new Set(model.handed).size).toBe(model.handed.length);
        expect(model.harness.journal.counts(uploads)).toMatchObject({ seen: 0 });
      }),
      { numRuns: 25 },
    );
  },
  120_000,
);
