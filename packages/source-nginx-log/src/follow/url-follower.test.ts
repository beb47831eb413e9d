import { sourceNameSchema, type UploadId } from "@sluice/contracts";
import { expect, test } from "vitest";
import type { Clock } from "@sluice/sources";
import { LineLedger } from "../tail/line-ledger.ts";
import { UrlFollower, type UrlFollowerOptions } from "./url-follower.ts";

class Refused extends Error {
  readonly retryable = false;
}
class Failed extends Error {
  readonly retryable = true;
}

/** Time that a test turns by hand. */
class HandClock implements Clock {
  ms = 1000;
  nowMs(): number {
    return this.ms;
  }
  schedule(): () => void {
    return () => undefined;
  }
}

function setUp(change: Partial<UrlFollowerOptions> = {}) {
  const clock = new HandClock();
  const taken = new Map<UploadId, string>();
  const results: string[] = [];
  const failures: unknown[] = [];
  const ledger = new LineLedger(0);
  let readUntil = 0;
  const follower = new UrlFollower({
    source: sourceNameSchema.parse("web"),
    sink: {
      has: (id) => taken.has(id),
      async take(id, bytes) {
        let text = "";
        for await (const part of bytes) text += Buffer.from(part).toString();
        taken.set(id, text);
      },
    },
    read: async function* (url) {
      yield Buffer.from(await Promise.resolve(`bytes of ${url}`));
    },
    clock,
    events: { nameFollowed: ({ result }) => results.push(result) },
    maxConcurrent: 2,
    maxOpenLines: 100,
    waitForFileMs: 10_000,
    onFailed: (error) => failures.push(error),
    ...change,
  });
  const name = (url: string, text: string): void => {
    const line = { ledger, at: readUntil, isCertain: true, text };
    readUntil += text.length;
    ledger.readUntil(readUntil);
    follower.add(url, line);
  };
  return { clock, taken, results, failures, ledger, follower, name, readUntil: () => readUntil };
}

/** Lets what is under way go on until nothing is. */
async function drain(follower: UrlFollower): Promise<void> {
  await follower.work();
  for (let turn = 0; turn < 100; turn++) await Promise.resolve();
}

test("what a line names is fetched once, though the line is read again, and the line is done then", async () => {
  const { follower, name, taken, results, ledger, readUntil } = setUp();
  name("http://a/1", "line 1");
  name("http://a/2", "line 2");
  name("http://a/1", "line 3, of another request");
  expect(ledger.doneUntil).toBe(0);
  await drain(follower);
  await drain(follower);
  name("http://a/1", "line 1");
  expect([...taken.values()].toSorted()).toEqual([
    "bytes of http://a/1",
    "bytes of http://a/1",
    "bytes of http://a/2",
  ]);
  expect(results.toSorted()).toEqual(["fetched", "fetched", "fetched", "known"]);
  expect(ledger.doneUntil).toBe(readUntil());
});

test("no more are under way than may be", async () => {
  let underWay = 0;
  let most = 0;
  const gates: (() => void)[] = [];
  const { follower, name, taken } = setUp({
    read: async function* () {
      most = Math.max(most, ++underWay);
      const { promise, resolve } = Promise.withResolvers<void>();
      gates.push(resolve);
      await promise;
      underWay -= 1;
      yield Buffer.from("x");
    },
  });
  for (let index = 0; index < 6; index++) name(`http://a/${index}`, `line ${index}`);
  while (taken.size < 6) {
    await drain(follower);
    for (const open of gates.splice(0)) open();
  }
  expect(most).toBe(2);
});

test("what is refused is over at once; what fails is tried again for a while and then given up", async () => {
  let tries = 0;
  const { follower, name, results, clock, ledger, readUntil } = setUp({
    // oxlint-disable-next-line require-yield -- it never comes to that
    read: async function* (url) {
      await Promise.resolve();
      tries += 1;
      throw url.endsWith("refused") ? new Refused() : new Failed();
    },
  });
  name("http://a/refused", "1");
  name("http://a/failing", "2");
  await drain(follower);
  expect([results, tries]).toEqual([["fetch-refused"], 2]);
  while (clock.ms < 12_000) {
    clock.ms += 500;
    await drain(follower);
  }
  expect(results).toEqual(["fetch-refused", "fetch-failed"]);
  expect(tries).toBeLessThan(10);
  expect(ledger.doneUntil).toBe(readUntil());
});

test("stopped in mid-fetch, the line stays open", async () => {
  const { follower, name, ledger, results, failures } = setUp({
    read: async function* (_, signal) {
      await new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
      yield Buffer.from("never");
    },
  });
  name("http://a/1", "1");
  await drain(follower);
  await follower[Symbol.asyncDispose]();
  expect([ledger.doneUntil, results, failures]).toEqual([0, [], []]);
});
