import { z } from "zod";

/** What the measuring process is told. */
export const measureRequestSchema = z.object({
  /** Path of a production graph. */
  graphPath: z.string(),
  /** Height and width of its pictures. */
  side: z.number().int().positive(),
  batches: z.array(z.number().int().positive()),
  rounds: z.number().int().positive(),
  threads: z.number().int().nonnegative(),
});
export type MeasureRequest = z.infer<typeof measureRequestSchema>;

export const measuredSchema = z.object({
  /** From the file to a session that can run. */
  loadMs: z.number(),
  /** Most memory of the process, less what it had before it loaded anything. */
  memoryBytes: z.number(),
  batches: z.array(z.object({ batch: z.number(), batchMs: z.number() })),
});
export type Measured = z.infer<typeof measuredSchema>;
