import {
  classificationSchema,
  ensembleInfoSchema,
  objectRefSchema,
  rootNameSchema,
} from "@sluice/contracts";
import { z } from "zod";

/** From the queue client to its engine. */
export const toEngineSchema = z.object({
  type: z.literal("item"),
  item: z.object({
    id: z.number().int().positive(),
    root: rootNameSchema,
    object: objectRefSchema,
  }),
});
export type ToEngine = z.infer<typeof toEngineSchema>;

/** From the engine to its queue client. */
export const fromEngineSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("ready"),
    ensemble: ensembleInfoSchema,
    provider: z.string(),
    warmUpMs: z.number(),
  }),
  z.object({
    type: z.literal("outcome"),
    outcome: z.object({ id: z.number().int().positive(), classification: classificationSchema }),
  }),
  z.object({
    type: z.literal("batch"),
    rows: z.number().int().positive(),
    reason: z.enum(["idle", "full", "ready"]),
  }),
]);
export type FromEngine = z.infer<typeof fromEngineSchema>;
