import { z } from "zod";
import { milliseconds, path, wholeNumber } from "./setting-kinds.ts";

const PREFIX_EXPECTED = "expected a prefix of keys that ends with / and does not begin with one";

const webAddress = z.url({
  protocol: /^https?$/u,
  error: "expected an address that begins with http:// or https://",
});

const bucketSchema = z.strictObject({
  bucket: z
    .string({ error: "expected a bucket's name" })
    .regex(/^[A-Za-z0-9][\w.-]{1,254}$/u, { error: "expected a bucket's name" }),
  prefix: z
    .string({ error: PREFIX_EXPECTED })
    .max(1000, { error: PREFIX_EXPECTED })
    .regex(/^(?:[^/].*\/)?$/su, { error: PREFIX_EXPECTED })
    .optional(),
  endpoint: webAddress.optional(),
  region: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/u, { error: "expected a region such as eu-central-1" })
    .optional(),
  pathStyle: z.boolean().optional(),
  checksums: z.enum(["auto", "required", "supported"]).default("auto"),
  requesterPays: z.boolean().default(false),
  sseCustomerKeyFile: path.optional(),
  kmsKeyId: z.string().min(1).max(2048).optional(),
  profile: z.string().min(1).max(128).optional(),
  maxSockets: wholeNumber(1, 4096).default(64),
  timeoutMs: milliseconds(100, 600_000).default(10_000),
  maxAttempts: wholeNumber(1, 20).default(4),
  giveUpAfterMs: milliseconds(0, 86_400_000).default(600_000),
});
export type BucketInFile = Readonly<z.infer<typeof bucketSchema>>;

/** A place that holds objects. */
export const rootSchema = z
  .strictObject({
    folder: path.optional(),
    endpoint: webAddress.optional(),
    s3: bucketSchema.optional(),
  })
  .refine((root) => Object.values(root).filter((place) => place !== undefined).length === 1, {
    error: "expected one of folder, endpoint and s3",
  });
