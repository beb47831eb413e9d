import { ensembleNameSchema, policyNameSchema, rootNameSchema } from "@sluice/contracts";
import { policySchema } from "@sluice/policy";
import { z } from "zod";
import { parseDeviceList } from "./device-list.ts";
import { rootSchema } from "./root-settings.ts";
import { milliseconds, path as folder, port, wholeNumber } from "./setting-kinds.ts";
import { sourceSchema } from "./source-settings.ts";

const memberSchema = z.strictObject({
  model: folder,
  precision: z.enum(["float32", "fp16", "int8", "auto"]).default("float32"),
  weight: z.number().positive().max(1000).default(1),
  temperature: z.number().min(0.05).max(20).default(1),
  set: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/u, {
      error: "expected lower-case letters, digits, - and _, at most 63",
    })
    .nullable()
    .default(null),
});

const variantLimitsSchema = z.strictObject({
  minTop1Agreement: z.number().min(0).max(1).default(0.99),
  maxDecisionsChanged: z.number().min(0).max(1).default(0.005),
  minPictures: wholeNumber(1, 1_000_000).default(64),
  minSpeedup: z.number().min(1).max(100).default(1.05),
});
export type VariantLimitsConfig = Readonly<z.infer<typeof variantLimitsSchema>>;
/** Those that hold where a configuration names none. */
export const DEFAULT_VARIANT_LIMITS: VariantLimitsConfig = variantLimitsSchema.parse({});

const framesError = { error: "expected all, first or sample:N with N from 2 to 10000" };

function isSample(frames: string): boolean {
  const count = Number(frames.slice("sample:".length));
  return count >= 2 && count <= 10_000;
}

const scoreSchema = z.number().min(0).max(1);

const cascadeSchema = z.strictObject({
  stages: z
    .array(z.array(z.string().min(1).max(256)).min(1).max(64))
    .min(2)
    .max(64),
  exits: z
    .array(
      z.strictObject({
        stage: wholeNumber(1, 63),
        label: z.string().min(1).max(512),
        threshold: z.number().gt(0).max(1),
        below: scoreSchema,
        above: scoreSchema,
      }),
    )
    .min(1)
    .max(10_000),
  agreement: z.enum(["all", "none"]).default("all"),
});

export const ensembleSchema = z.strictObject({
  members: z.array(memberSchema).min(1).max(64),
  fusion: z.enum(["mean", "weighted", "geometric", "vote", "max"]).default("mean"),
  views: z.enum(["center", "center+flip", "five-crop"]).default("center"),
  frames: z
    .union(
      [z.enum(["first", "all"]), z.templateLiteral(["sample:", z.number().int()])],
      framesError,
    )
    .refine((frames) => !frames.startsWith("sample:") || isSample(frames), framesError)
    .default("all"),
  embeddings: z.string().min(1).max(256).default("none"),
  scoreFloor: z.number().min(0).max(0.5).default(0.001),
  variantLimits: variantLimitsSchema.prefault({}),
  cascade: cascadeSchema.nullable().default(null),
});

const ingestSchema = z.strictObject({
  maxChunkObjects: wholeNumber(1, 64).default(64),
  maxWaitingChunks: wholeNumber(1, 1_000_000).default(2000),
  resendAfterMs: milliseconds(1000, 86_400_000).default(600_000),
  commandTimeoutMs: milliseconds(100, 60_000).default(4000),
  shutdownGraceMs: milliseconds(0, 600_000).default(10_000),
});

/** A list says the same as its entries with commas between them. */
function joinList(value: unknown): unknown {
  return Array.isArray(value) ? value.join(",") : value;
}

const devicesError =
  "expected auto, cpu, cpu:0,1, cuda:0,1, cuda:GPU-<uuid>, tensorrt:0 or a list of them";
const devicesText = z
  .string({ error: devicesError })
  .refine((text) => parseDeviceList(text) !== null, { error: devicesError });

const workerSchema = z.strictObject({
  ensemble: ensembleNameSchema.optional(),
  devices: z.preprocess(joinList, devicesText).default("cpu"),
  concurrency: wholeNumber(1, 1024).default(16),
  maxBatchItems: wholeNumber(1, 1024).default(32),
  maxUndecidedRows: wholeNumber(1, 1_000_000).default(256),
  maxImageBytes: wholeNumber(1024, 2 ** 31 - 1).default(64 << 20),
  maxImagePixels: wholeNumber(1, 1_000_000_000).default(100_000_000),
  maxProgressivePixels: wholeNumber(1, 1_000_000_000).default(50_000_000),
  maxFrames: wholeNumber(1, 10_000).default(64),
  maxBytesInFlight: wholeNumber(1 << 20, 2 ** 40).default(256 << 20),
  maxPixelsInFlight: wholeNumber(1_000_000, 1_000_000_000_000).default(400_000_000),
  decodeTimeoutMs: milliseconds(1000, 600_000).default(20_000),
  /** 0: as many as there are cores. */
  decodeConcurrency: wholeNumber(0, 1024).default(0),
  /** 0: four for each image that is decoded at a time. */
  readConcurrency: wholeNumber(0, 4096).default(0),
  /** 0: as many as there are cores. */
  intraOpThreads: wholeNumber(0, 1024).default(0),
  variantTimingMs: milliseconds(100, 600_000).default(10_000),
  memberArrangement: z.enum(["auto", "in-turn", "parallel"]).default("auto"),
  memberTimingMs: milliseconds(100, 600_000).default(5000),
  cacheEntries: wholeNumber(0, 1_000_000).default(4096),
  watchdogMs: milliseconds(1000, 3_600_000).default(60_000),
  lockDurationMs: milliseconds(1000, 600_000).default(8000),
  stalledIntervalMs: milliseconds(500, 600_000).default(2000),
  shutdownGraceMs: milliseconds(0, 3_600_000).default(60_000),
});

const moderationSchema = z.strictObject({
  vault: folder.optional(),
  concurrency: wholeNumber(1, 256).default(4),
  shutdownGraceMs: milliseconds(0, 3_600_000).default(20_000),
});

const objectEndpointSchema = z
  .strictObject({
    host: z.string().min(1).default("127.0.0.1"),
    /** Left out: objects are not served. */
    port: wholeNumber(0, 65_535).optional(),
    certFile: folder.optional(),
    keyFile: folder.optional(),
    trustedNetwork: z.boolean().default(false),
    maxBytesInFlight: wholeNumber(1 << 20, 2 ** 40).default(256 << 20),
    maxWaiting: wholeNumber(0, 100_000).default(1000),
    maxConnections: wholeNumber(1, 100_000).default(1024),
    idleTimeoutMs: milliseconds(1000, 600_000).default(30_000),
    caFile: folder.optional(),
    connections: wholeNumber(1, 1024).default(32),
    stallTimeoutMs: milliseconds(100, 600_000).default(10_000),
    giveUpAfterMs: milliseconds(0, 86_400_000).default(600_000),
  })
  .refine(({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined), {
    error: "expected certFile and keyFile together",
  });

/** The shape of sluice.yaml, version 1. Every object is strict: an unknown setting is an error. */
export const configFileSchema = z.strictObject({
  version: z.literal(1),
  dataDir: folder.default(".sluice"),
  redis: z
    .strictObject({
      url: z
        .url({
          protocol: /^rediss?$/u,
          error: "expected a URL that begins with redis:// or rediss://",
        })
        .optional(),
      prefix: z
        .string()
        .regex(/^[A-Za-z0-9_-]{1,64}$/u, "expected 1 to 64 of A-Z, a-z, 0-9, - and _")
        .default("sluice"),
    })
    .prefault({}),
  roots: z.record(rootNameSchema, rootSchema),
  sources: z.array(sourceSchema).min(1).max(1000),
  ensembles: z.record(ensembleNameSchema, ensembleSchema),
  policies: z.record(policyNameSchema, policySchema),
  ingest: ingestSchema.prefault({}),
  worker: workerSchema.prefault({}),
  moderation: moderationSchema.prefault({}),
  objectEndpoint: objectEndpointSchema.prefault({}),
  http: z
    .strictObject({
      host: z.string().min(1).default("127.0.0.1"),
      ingestPort: port.default(0),
      workerPort: port.default(0),
      moderationPort: port.default(0),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
      format: z.enum(["auto", "json", "pretty"]).default("auto"),
    })
    .prefault({}),
});
export type ConfigFile = z.infer<typeof configFileSchema>;
export type IngestConfig = Readonly<z.infer<typeof ingestSchema>>;
export type WorkerConfig = Readonly<Omit<z.infer<typeof workerSchema>, "devices" | "ensemble">>;
export type HttpConfig = Readonly<ConfigFile["http"]>;
export type LogConfig = Readonly<ConfigFile["log"]>;
