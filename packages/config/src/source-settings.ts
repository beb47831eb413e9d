import {
  ensembleNameSchema,
  policyNameSchema,
  rootNameSchema,
  sourceNameSchema,
} from "@sluice/contracts";
import { z } from "zod";
import { s3SourceFields } from "./s3-source-settings.ts";
import { milliseconds, path, port, wholeNumber } from "./setting-kinds.ts";

const HOURS_EXPECTED = 'expected hours such as "08:00-18:00"';

/** `HH:MM-HH:MM`; over midnight where the end comes first. */
const dailyHours = z
  .string({ error: HOURS_EXPECTED })
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d-(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/u, {
    error: HOURS_EXPECTED,
  });

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false; // RangeError: not a name of a zone
  }
}

/** What every source has. */
const common = {
  name: sourceNameSchema,
  root: rootNameSchema,
  policy: policyNameSchema.default(policyNameSchema.parse("default")),
  ensemble: ensembleNameSchema.default(ensembleNameSchema.parse("default")),
  maxPerSecond: wholeNumber(1, 1_000_000).optional(),
  quietHours: z.array(dailyHours).max(24).default([]),
  timeZone: z
    .string()
    .refine(isTimeZone, { error: "expected a time zone's name, such as Europe/Berlin" })
    .optional(),
};

/** What sources have that find objects in a place where others write. */
const found = {
  ...common,
  settleMs: milliseconds(0, 600_000).default(1000),
};

/** What sources have that receive uploads; their root is a spool of our own. */
const received = {
  ...common,
  maxBytes: wholeNumber(1024, 2 ** 31 - 1).default(64 << 20),
  maxPending: wholeNumber(1, 1_000_000).default(10_000),
  answersKeptMs: milliseconds(1000, 30 * 86_400_000).default(3_600_000),
  trustedNetwork: z.boolean().default(false),
};

/** Names under which programs keep what they have not completed. */
const IGNORED = ["**/*.part", "**/*.tmp", "**/*.crdownload"];

const folderSchema = z.strictObject({
  ...found,
  kind: z.literal("folder"),
  reconcileEveryMs: milliseconds(1000, 86_400_000).default(60_000),
  ignore: z.array(z.string().min(1)).max(1000).default(IGNORED),
  include: z.array(z.string().min(1)).max(1000).default([]),
  polling: z.boolean().default(false),
  maxDepth: wholeNumber(1, 1000).default(64),
  followSymlinks: z
    .literal(false, { error: "expected false: links are never followed" })
    .default(false),
});

const socketMode = z
  .string({ error: 'expected a mode as text, such as "660"' })
  .regex(/^[0-7]{3}$/u, { error: 'expected a mode as text, such as "660"' });

const clamdSchema = z
  .strictObject({
    ...received,
    kind: z.literal("clamd"),
    host: z.string().min(1).default("127.0.0.1"),
    port: port.optional(),
    socket: path.optional(),
    socketMode: socketMode.default("660"),
    scanFolders: z.array(path).max(1000).default([]),
    maxScanFiles: wholeNumber(1, 1_000_000).default(10_000),
    maxConnections: wholeNumber(1, 100_000).default(200),
    maxSessionScans: wholeNumber(1, 1000).default(32),
    idleTimeoutMs: milliseconds(100, 3_600_000).default(30_000),
    answerTimeoutMs: milliseconds(100, 3_600_000).default(60_000),
  })
  .refine((source) => source.port !== undefined || source.socket !== undefined, {
    error: "expected port, socket, or both",
  });

const apiKeySchema = z.strictObject({
  name: z
    .string({ error: "expected a name" })
    .regex(/^[\w.-]{1,64}$/u, { error: "expected 1 to 64 of A–Z, a–z, 0–9, _, . and -" }),
  sha256: z
    .string({ error: "expected the key's SHA-256 in hexadecimal" })
    .regex(/^[0-9a-f]{64}$/u, {
      error: "expected the key's SHA-256 in hexadecimal (printf %s KEY | sha256sum), not the key",
    }),
  scopes: z
    .array(z.enum(["classify", "scan", "reference"]))
    .min(1)
    .default(["classify", "scan"]),
  perMinute: wholeNumber(1, 10_000_000).default(6000),
});

const httpSchema = z
  .strictObject({
    ...received,
    kind: z.literal("http"),
    host: z.string().min(1).default("127.0.0.1"),
    port,
    certFile: path.optional(),
    keyFile: path.optional(),
    keys: z.array(apiKeySchema).max(1000).default([]),
    refusalStatus: wholeNumber(400, 499).default(406),
    maxFiles: wholeNumber(1, 1000).default(100),
    maxConnections: wholeNumber(1, 100_000).default(4096),
    maxRequests: wholeNumber(1, 100_000).default(256),
    maxJsonBytesInFlight: wholeNumber(1024, 2 ** 40).default(256 << 20),
    maxWaitMs: milliseconds(0, 600_000).default(30_000),
    requestTimeoutMs: milliseconds(100, 3_600_000).default(120_000),
  })
  .refine(({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined), {
    error: "expected certFile and keyFile together",
  });

/** Where paths that begin with `prefix` lie below the root. */
const pathRule = z.strictObject({
  prefix: z
    .string({ error: "expected a path that begins with /" })
    .regex(/^\//u, { error: "expected a path that begins with /" }),
  to: z
    .string({ error: "expected a folder below the root" })
    .refine((to) => !to.startsWith("/") && !/(?:^|\/)\.\.?(?:\/|$)/u.test(to), {
      error: "expected a folder below the root, without / at its beginning and without . and ..",
    })
    .default(""),
});

const origin = z.url({
  protocol: /^https?$/u,
  error: "expected an address that begins with http:// or https://",
});

/** Uploads that lie on another server are fetched from there. */
const fetchSchema = z.strictObject({
  origins: z.array(origin).min(1).max(1000),
  uris: z
    .array(z.strictObject({ prefix: pathRule.shape.prefix, url: origin }))
    .max(1000)
    .default([]),
  maxBytes: wholeNumber(1024, 2 ** 31 - 1).default(64 << 20),
  maxPending: wholeNumber(1, 1_000_000).default(10_000),
  answersKeptMs: milliseconds(1000, 30 * 86_400_000).default(86_400_000),
  maxConcurrent: wholeNumber(1, 256).default(4),
  maxRedirects: wholeNumber(0, 20).default(3),
  connectTimeoutMs: milliseconds(100, 600_000).default(5000),
  timeoutMs: milliseconds(100, 3_600_000).default(30_000),
});

const nginxLogSchema = z.strictObject({
  ...found,
  kind: z.literal("nginx-log"),
  logs: z.array(path).min(1).max(1000),
  /** `sluice`, `combined`, or a whole log_format directive. */
  format: z.string().min(1).max(65_536).default("sluice"),
  uris: z.array(pathRule).max(1000).default([]),
  files: z.array(pathRule).max(1000).default([]),
  uploadHeader: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/u, { error: "expected the name of a response header" })
    .default("X-Upload-Path"),
  waitForFileMs: milliseconds(0, 3_600_000).default(30_000),
  pollEveryMs: milliseconds(50, 60_000).default(250),
  rotateWaitMs: milliseconds(100, 3_600_000).default(5000),
  maxLineBytes: wholeNumber(1024, 1 << 20).default(64 << 10),
  maxNames: wholeNumber(1, 1000).default(32),
  maxLogs: wholeNumber(1, 10_000).default(100),
  maxOpenLines: wholeNumber(100, 10_000_000).default(50_000),
  /** Left out: nothing is ever fetched. */
  fetch: fetchSchema.optional(),
  listing: z.boolean().default(true),
  reconcileEveryMs: milliseconds(1000, 86_400_000).default(600_000),
  ignore: z.array(z.string().min(1)).max(1000).default(IGNORED),
  maxDepth: wholeNumber(1, 1000).default(64),
});
const s3Schema = z.strictObject({ ...common, ...s3SourceFields });

export const sourceSchema = z.discriminatedUnion("kind", [
  folderSchema,
  clamdSchema,
  httpSchema,
  nginxLogSchema,
  s3Schema,
]);

export type SourceConfig = Readonly<z.infer<typeof sourceSchema>>;
export type FolderSourceConfig = Extract<SourceConfig, { kind: "folder" }>;
export type HttpSourceConfig = Extract<SourceConfig, { kind: "http" }>;
export type NginxLogSourceConfig = Extract<SourceConfig, { kind: "nginx-log" }>;
export type S3SourceConfig = Extract<SourceConfig, { kind: "s3" }>;
export type ClamdSourceConfig = Extract<SourceConfig, { kind: "clamd" }>;
/** Sources that find what others have put somewhere. */
export type FoundSourceConfig = Extract<SourceConfig, { settleMs: number }> | S3SourceConfig;
/** Sources that uploads are sent to. */
export type ReceivedSourceConfig = Extract<SourceConfig, { maxPending: number }>;
