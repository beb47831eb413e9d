import { z } from "zod";
import { milliseconds, path, port, wholeNumber } from "./setting-kinds.ts";

const SECRET_EXPECTED =
  "expected the secret's SHA-256 in hexadecimal (printf %s SECRET | sha256sum), not the secret";
const PREFIX_EXPECTED = "expected a prefix below the root's own, without / at its beginning";

const sqsSchema = z.strictObject({
  queueUrl: z.url({
    protocol: /^https?$/u,
    error: "expected the queue's address, which begins with https://",
  }),
  region: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/u, { error: "expected a region such as eu-central-1" })
    .optional(),
  profile: z.string().min(1).max(128).optional(),
  receivers: wholeNumber(1, 64).default(1),
  waitMs: milliseconds(1000, 20_000).default(20_000),
  visibilityMs: milliseconds(10_000, 43_200_000).default(120_000),
});

const webhookSchema = z
  .strictObject({
    host: z.string().min(1).default("127.0.0.1"),
    port,
    secretSha256: z
      .string({ error: SECRET_EXPECTED })
      .regex(/^[0-9a-f]{64}$/u, { error: SECRET_EXPECTED }),
    certFile: path.optional(),
    keyFile: path.optional(),
    trustedNetwork: z.boolean().default(false),
    maxBytes: wholeNumber(1024, 64 << 20).default(1 << 20),
    maxRequests: wholeNumber(1, 10_000).default(64),
    requestTimeoutMs: milliseconds(100, 600_000).default(10_000),
  })
  .refine(({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined), {
    error: "expected certFile and keyFile together",
  });

const patterns = z.array(z.string().min(1)).max(1000);

/** What only sources of kind `s3` have. */
export const s3SourceFields = {
  kind: z.literal("s3"),
  reconcileEveryMs: milliseconds(1000, 86_400_000).default(300_000),
  ignore: patterns.default(["**/*.part", "**/*.tmp", "**/*.crdownload"]),
  include: patterns.default([]),
  concurrency: wholeNumber(1, 256).default(8),
  versions: z.enum(["auto", "on", "off"]).default("auto"),
  timeOrderedPrefixes: z
    .array(z.string().regex(/^(?!\/)/u, { error: PREFIX_EXPECTED }))
    .max(1000)
    .default([]),
  lookBackKeys: wholeNumber(0, 1_000_000).default(1000),
  fullListingEveryMs: milliseconds(1000, 30 * 86_400_000).default(21_600_000),
  sqs: sqsSchema.optional(),
  webhook: webhookSchema.optional(),
};
