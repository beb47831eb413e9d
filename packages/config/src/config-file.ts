import {
  ensembleNameSchema,
  policyNameSchema,
  rootNameSchema,
  sourceNameSchema,
} from "@sluice/contracts";
import { policySchema } from "@sluice/policy";
import { z } from "zod";

const milliseconds = (least: number, most: number): z.ZodNumber =>
  z.number().int().min(least).max(most);
const port = z.number().int().min(0).max(65_535);
const folder = z.string().min(1);

const folderSourceSchema = z.strictObject({
  name: sourceNameSchema,
  kind: z.literal("folder"),
  root: rootNameSchema,
  policy: policyNameSchema.default(policyNameSchema.parse("default")),
  ensemble: ensembleNameSchema.default(ensembleNameSchema.parse("default")),
  settleMs: milliseconds(0, 600_000).default(1000),
  reconcileEveryMs: milliseconds(1000, 86_400_000).default(60_000),
  ignore: z
    .array(z.string().min(1))
    .max(1000)
    .default(["**/*.part", "**/*.tmp", "**/*.crdownload"]),
  polling: z.boolean().default(false),
  maxDepth: z.number().int().min(1).max(1000).default(64),
  followSymlinks: z.literal(false).default(false),
});

const memberSchema = z.strictObject({
  model: folder,
  weight: z.number().positive().max(1000).default(1),
});

const ensembleSchema = z.strictObject({
  members: z.array(memberSchema).min(1).max(64),
  fusion: z.enum(["mean"]).default("mean"),
  scoreFloor: z.number().min(0).max(0.5).default(0.001),
});

const ingestSchema = z.strictObject({
  maxChunkObjects: z.number().int().min(1).max(64).default(64),
  maxWaitingChunks: z.number().int().min(1).max(1_000_000).default(2000),
  resendAfterMs: milliseconds(1000, 86_400_000).default(600_000),
  commandTimeoutMs: milliseconds(100, 60_000).default(4000),
  shutdownGraceMs: milliseconds(0, 600_000).default(10_000),
});

const workerSchema = z.strictObject({
  concurrency: z.number().int().min(1).max(1024).default(16),
  maxBatchItems: z.number().int().min(1).max(1024).default(32),
  maxImageBytes: z
    .number()
    .int()
    .min(1024)
    .max(2 ** 31 - 1)
    .default(64 << 20),
  maxImagePixels: z.number().int().min(1).max(1_000_000_000).default(100_000_000),
  maxProgressivePixels: z.number().int().min(1).max(1_000_000_000).default(50_000_000),
  maxFrames: z.number().int().min(1).max(10_000).default(64),
  decodeTimeoutMs: milliseconds(1000, 600_000).default(20_000),
  /** 0: as many as there are cores. */
  decodeConcurrency: z.number().int().min(0).max(1024).default(0),
  /** 0: as many as there are cores. */
  intraOpThreads: z.number().int().min(0).max(1024).default(0),
  watchdogMs: milliseconds(1000, 3_600_000).default(60_000),
  lockDurationMs: milliseconds(1000, 600_000).default(10_000),
  stalledIntervalMs: milliseconds(500, 600_000).default(3000),
  shutdownGraceMs: milliseconds(0, 3_600_000).default(60_000),
});

const moderationSchema = z.strictObject({
  vault: folder.optional(),
  concurrency: z.number().int().min(1).max(256).default(4),
  shutdownGraceMs: milliseconds(0, 3_600_000).default(20_000),
});

/** The shape of sluice.yaml, version 1. Every object is strict: an unknown setting is an error. */
export const configFileSchema = z.strictObject({
  version: z.literal(1),
  dataDir: folder.default(".sluice"),
  redis: z
    .strictObject({
      url: z.url({ protocol: /^rediss?$/u }).optional(),
      prefix: z
        .string()
        .regex(/^[A-Za-z0-9_-]{1,64}$/u)
        .default("sluice"),
    })
    .prefault({}),
  roots: z.record(rootNameSchema, z.strictObject({ folder })),
  sources: z.array(folderSourceSchema).min(1).max(1000),
  ensembles: z.record(ensembleNameSchema, ensembleSchema),
  policies: z.record(policyNameSchema, policySchema),
  ingest: ingestSchema.prefault({}),
  worker: workerSchema.prefault({}),
  moderation: moderationSchema.prefault({}),
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
export type FolderSourceConfig = Readonly<z.infer<typeof folderSourceSchema>>;
export type IngestConfig = Readonly<z.infer<typeof ingestSchema>>;
export type WorkerConfig = Readonly<z.infer<typeof workerSchema>>;
export type HttpConfig = Readonly<ConfigFile["http"]>;
export type LogConfig = Readonly<ConfigFile["log"]>;
