import { z } from "zod";
import { keySpellings } from "./key-spellings.ts";

/** What a message of a bucket's notifications says, whoever sent it and in whatever it was wrapped. */
export type EventMessage =
  | { readonly kind: "objects"; readonly hints: readonly ObjectHint[] }
  /** Sent once when notifications are set up. */
  | { readonly kind: "test" }
  /** SNS asks whether the topic's messages are wanted here. */
  | { readonly kind: "subscription"; readonly topic: string; readonly confirmUrl: string }
  | { readonly kind: "invalid"; readonly reason: string };

/** Something happened to a key: nothing more is believed. */
export interface ObjectHint {
  readonly bucket: string;
  /** What the key may be, the likeliest first: senders spell it in different ways. Never empty. */
  readonly keys: readonly string[];
  /** The sender's mark of this one change; two hints with the same mark are the same. Null: none was given. */
  readonly mark: string | null;
}

/** Messages inside of messages: SNS wraps, and SQS wraps what SNS wrapped. */
const MAX_WRAPPINGS = 3;
const MAX_RECORDS = 1000;
/** A key has 1024 bytes at most, three times as many when they are all escaped. */
const MAX_KEY_CHARACTERS = 3 * 1024;

const name = z.string().min(1).max(256);
const keyText = z.string().min(1).max(MAX_KEY_CHARACTERS);
const sequencer = z.string().max(256).nullish();

/** S3's own shape, versions 2.x; MinIO and Ceph send it, too, with fields beside these. */
const recordSchema = z.object({
  eventVersion: z
    .string()
    .regex(/^2\.\d+$/u, { error: "expected version 2.x" })
    .optional(),
  eventSource: name,
  eventName: name,
  s3: z.object({
    bucket: z.object({ name }),
    object: z.object({ key: keyText, versionId: z.string().max(1024).nullish(), sequencer }),
  }),
});
const recordsSchema = z.object({ Records: z.array(recordSchema).min(1).max(MAX_RECORDS) });

const eventBridgeSchema = z.object({
  source: z.literal("aws.s3"),
  "detail-type": name,
  detail: z.object({
    bucket: z.object({ name }),
    object: z.object({
      key: keyText,
      "version-id": z.string().max(1024).nullish(),
      sequencer,
    }),
  }),
});

const testSchema = z.object({ Event: z.literal("s3:TestEvent") });

const wrapperSchema = z.object({
  Type: z.enum(["Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"]),
  TopicArn: z.string().max(512),
  Message: z.string(),
  SubscribeURL: z.string().max(4096).optional(),
});

/** Reads a message. Never throws: what cannot be read is `invalid`. */
export function readEvent(text: string, wrappings = 0): EventMessage {
  const value = parseJson(text);
  if (value === undefined) return invalid("no JSON");
  const wrapper = wrapperSchema.safeParse(value);
  if (wrapper.success) return unwrap(wrapper.data, wrappings);
  if (testSchema.safeParse(value).success) return { kind: "test" };
  const bridge = eventBridgeSchema.safeParse(value);
  if (bridge.success) return { kind: "objects", hints: [bridgeHint(bridge.data)] };
  const records = recordsSchema.safeParse(value);
  if (records.success) return { kind: "objects", hints: records.data.Records.map(recordHint) };
  const [issue] = records.error.issues;
  return invalid(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? "unknown shape"}`);
}

function unwrap(
  { Type, TopicArn, Message, SubscribeURL }: z.infer<typeof wrapperSchema>,
  wrappings: number,
): EventMessage {
  if (wrappings >= MAX_WRAPPINGS) return invalid("wrapped too often");
  if (Type === "Notification") return readEvent(Message, wrappings + 1);
  return { kind: "subscription", topic: TopicArn, confirmUrl: SubscribeURL ?? "" };
}

function recordHint({ eventSource, eventName, s3 }: z.infer<typeof recordSchema>): ObjectHint {
  const { key, versionId, sequencer: place } = s3.object;
  return {
    bucket: s3.bucket.name,
    keys: keySpellings(key, { isEncoded: eventSource !== "ceph:s3" }),
    mark: markOf([eventName, s3.bucket.name, key, versionId ?? ""], place),
  };
}

function bridgeHint({
  "detail-type": eventName,
  detail: { bucket, object },
}: z.infer<typeof eventBridgeSchema>): ObjectHint {
  const { key, "version-id": versionId, sequencer: place } = object;
  return {
    bucket: bucket.name,
    keys: keySpellings(key, { isEncoded: false }),
    mark: markOf([eventName, bucket.name, key, versionId ?? ""], place),
  };
}

/**
 * A sequencer is only good for telling that two messages are the same one: which of two is the later cannot be seen from Ceph's (its bytes
 * are the other way round), and is not asked.
 */
function markOf(about: readonly string[], place: string | null | undefined): string | null {
  return place === null || place === undefined || place === ""
    ? null
    : JSON.stringify([...about, place]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // told as invalid
  }
}

function invalid(reason: string): EventMessage {
  return { kind: "invalid", reason };
}
