import { expect, test } from "vitest";
import { S3AccessDeniedError, S3BusyError } from "../../client/s3-errors.ts";
import { hastyClock } from "../testing/s3-harness.ts";
import { RequestGate } from "./request-gate.ts";

const request = { action: "ListBucket", bucket: "uploads" };
const busy = new S3BusyError(request, "503 SlowDown");

function makeGate(width: number) {
  const retried: Error[] = [];
  const onRetry = (error: Error): void => void retried.push(error);
  const gate = new RequestGate({ width, clock: hastyClock, onRetry });
  const { signal } = new AbortController();
  const send = async <T>(ask: () => Promise<T>) => await gate.send(ask, signal);
  return { gate, retried, send };
}

/** A request that fails. */
function refusal(error: Error): () => Promise<never> {
  return async () => {
    throw error;
  };
}

test("so many requests go at a time, and no more", async () => {
  const { send } = makeGate(3);
  let inFlight = 0;
  let most = 0;
  const ask = async (): Promise<void> => {
    most = Math.max(most, ++inFlight);
    await new Promise(setImmediate);
    inFlight -= 1;
  };
  await Promise.all(Array.from({ length: 20 }, async () => await send(ask)));
  expect(most).toBe(3);
});

test("a server that asks for fewer gets half as many, at least one, and slowly more again", async () => {
  const { gate, retried, send } = makeGate(4);
  let refusals = 3;
  const answer = await send(async () => {
    if (refusals-- > 0) throw busy;
    return await Promise.resolve("answer");
  });
  expect(answer).toBe("answer");
  expect(retried).toEqual([busy, busy, busy]);
  expect(gate.width).toBe(1);
  for (let n = 0; n < 100; n++) await send(async () => await Promise.resolve());
  expect(gate.width).toBe(4);
});

test("a failure that does not pass is told after some tries, any other one at once", async () => {
  const { retried, send } = makeGate(2);
  await expect(send(refusal(busy))).rejects.toBe(busy);
  expect(retried).toHaveLength(4);
  const denied = new S3AccessDeniedError(request, "403 AccessDenied");
  await expect(send(refusal(denied))).rejects.toBe(denied);
  expect(retried).toHaveLength(4);
});

test("whoever stops does not wait for the pause between two tries", async () => {
  const clock = { nowMs: () => 0, schedule: () => () => undefined };
  const gate = new RequestGate({ width: 1, clock, onRetry: () => ended.abort(busy) });
  const ended = new AbortController();
  const refused = gate.send(refusal(busy), ended.signal);
  await expect(refused).rejects.toBe(busy);
});
