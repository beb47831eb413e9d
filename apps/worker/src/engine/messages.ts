import {
  classificationSchema,
  ensembleInfoSchema,
  laneSchema,
  objectRefSchema,
  rootNameSchema,
} from "@sluice/contracts";
import { z } from "zod";

const idSchema = z.number().int().positive();
const durationSchema = z.number().nonnegative();

/** From the queue client to its engine: what one turn of its event loop has to send. */
export const toEngineSchema = z.object({
  type: z.literal("items"),
  items: z
    .array(
      z.object({ id: idSchema, lane: laneSchema, root: rootNameSchema, object: objectRefSchema }),
    )
    .min(1),
});
export type ToEngine = z.infer<typeof toEngineSchema>;

/** A remote place gives no objects at present; the engine is alive, and waits for it. */
const readTroubleSchema = z.object({
  endpoint: z.string(),
  /** From 1. */
  attempt: z.number().int().positive(),
  detail: z.string(),
});
export type ReadTrouble = z.infer<typeof readTroubleSchema>;

/** What one turn of the engine's event loop has to tell. */
const reportSchema = z.object({
  type: z.literal("report"),
  outcomes: z.array(z.object({ id: idSchema, classification: classificationSchema })),
  /** Per image that was read and decoded, or found to be undecodable. */
  decodeMs: z.array(durationSchema),
  /** Images whose content had been classified before, or was just being classified. */
  recalled: z.number().int().nonnegative(),
  readTroubles: z.array(readTroubleSchema),
  batches: z.array(
    z.object({
      rows: z.number().int().positive(),
      reason: z.enum(["idle", "full", "drain", "ready"]),
      inferMs: durationSchema,
    }),
  ),
});
export type EngineReport = z.infer<typeof reportSchema>;

/** What one `precision: auto` became, and why: see PrecisionChoice of @sluice/models, which only the engine loads. */
const precisionChoiceSchema = z.object({
  model: z.string(),
  precision: z.string(),
  top1Agreement: z.number().nullable(),
  speedups: z.array(z.object({ variant: z.string(), speedup: z.number() })).readonly(),
  minSpeedup: z.number(),
  refused: z
    .array(z.object({ variant: z.string(), reason: z.string(), detail: z.string() }))
    .readonly(),
  timingFile: z.string().nullable(),
  isMeasured: z.boolean(),
  /** For people. */
  summary: z.string(),
});
export type EnginePrecision = z.infer<typeof precisionChoiceSchema>;

/** How the members run, and why: see ArrangementChoice of @sluice/inference-onnx, which only the engine loads. */
const arrangementSchema = z.object({
  arrangement: z.enum(["in-turn", "parallel"]),
  reason: z.enum(["faster", "configured", "one-core", "no-memory"]),
  lanes: z.number().int().positive(),
  inTurnMs: durationSchema.nullable(),
  parallelMs: durationSchema.nullable(),
});
export type EngineArrangement = z.infer<typeof arrangementSchema>;

/** Told before the engine is ready. */
const precisionsSchema = z.object({
  type: z.literal("precisions"),
  choices: z.array(precisionChoiceSchema),
});

/** The engine's last words; it ends when they are sent. */
const failedSchema = z.object({
  type: z.literal("failed"),
  /** For people. */
  message: z.string(),
  /** Of the error, where it is one of ours. */
  code: z.string().nullable(),
  /** As the process should end that cannot do without an engine: 78 when the configuration must be corrected. */
  exitCode: z.number().int(),
  /** The item in whose work it happened, where that is known. */
  accused: idSchema.nullable(),
  /** Native code did not come back: the same as a hung engine, only noticed from inside. */
  isStuck: z.boolean(),
  /** The device answers no longer: no image is to blame. */
  isDeviceLost: z.boolean(),
});
export type EngineFailure = z.infer<typeof failedSchema>;

/** From the engine to its queue client. */
export const fromEngineSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("ready"),
    ensemble: ensembleInfoSchema,
    provider: z.string(),
    /** Time of the largest batch. */
    warmUpMs: durationSchema,
    /** Rows that its device has memory for; larger batches run in pieces. */
    rowLimit: z.number().int().positive(),
    /** Members of which some nodes run on the CPU, as the provider does not know them. */
    partlyOnCpu: z.array(z.string()),
    /** Null where no two members run for the same rows. */
    arrangement: arrangementSchema.nullable(),
  }),
  precisionsSchema,
  /** Memory ran out in mid-run: batches run in smaller pieces from now on. */
  z.object({ type: z.literal("limited"), rows: z.number().int().positive() }),
  reportSchema,
  failedSchema,
]);
export type FromEngine = z.infer<typeof fromEngineSchema>;
