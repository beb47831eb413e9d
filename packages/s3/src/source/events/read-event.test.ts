import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readEvent } from "./read-event.ts";
import { amazon, bridge, ceph, minio, sns, subscription, testEvent } from "./testing/messages.ts";

const KEY = "up/ü a+b.jpg";

function keysOf(text: string): readonly string[] {
  const message = readEvent(text);
  if (message.kind !== "objects") throw new Error(JSON.stringify(message));
  return message.hints.flatMap(({ keys }) => keys.slice(0, 1));
}

describe("the key is read as it was spelled by", () => {
  test.each([
    ["Amazon", amazon(KEY)],
    ["Ceph", ceph(KEY)],
    ["MinIO", minio(KEY)],
    ["EventBridge", bridge(KEY)],
    ["SNS around Amazon's", sns(amazon(KEY))],
    ["SNS around SNS", sns(sns(ceph(KEY)))],
  ])("%s", (_, text) => {
    expect(keysOf(text)).toEqual([KEY]);
  });

  test("any of them, for any key, with the other spelling to try behind it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }), (key) => {
        for (const make of [amazon, ceph, minio, bridge]) expect(keysOf(make(key))).toEqual([key]);
      }),
    );
    const message = readEvent(ceph("a+b%20c"));
    expect(message).toMatchObject({ hints: [{ keys: ["a+b%20c", "a b c"] }] });
  });
});

test("the first message of a notification and a question of SNS are told apart from events", () => {
  expect(readEvent(testEvent)).toEqual({ kind: "test" });
  expect(readEvent(sns(testEvent))).toEqual({ kind: "test" });
  expect(readEvent(subscription)).toMatchObject({
    kind: "subscription",
    confirmUrl: "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=x",
  });
});

test("two messages of the same change have the same mark, of two changes they have not", () => {
  const marks = [amazon("k"), amazon("k"), amazon("k", "0055AED6DCD90281E6")].map((text) => {
    const message = readEvent(text);
    return message.kind === "objects" ? message.hints[0]?.mark : null;
  });
  expect(marks[0]).toBe(marks[1]);
  expect(marks[2]).not.toBe(marks[0]);
});

test.each([
  ["no JSON", "no JSON"],
  ["{}", "Records: "],
  ["null", ": "],
  ['{"Records":[]}', "Records: "],
  [amazon("k").replace('"2.1"', '"3.0"'), "Records.0.eventVersion: expected version 2.x"],
  [sns(sns(sns(sns(amazon("k"))))), "wrapped too often"],
  [amazon("k".repeat(4000)), "Records.0.s3.object.key: "],
])("what is none is invalid: %.30s", (text, reason) => {
  expect(readEvent(text)).toEqual({ kind: "invalid", reason: expect.stringContaining(reason) });
});

test("nothing that anybody sends makes the reader throw", () => {
  const anything = fc.oneof(fc.json(), fc.string());
  fc.assert(
    fc.property(anything, (text) => {
      expect(readEvent(text).kind).toBe("invalid");
    }),
  );
});
