import { z } from "zod";
import { ensembleNameSchema, sha256Schema } from "./brand.ts";

/** What a worker tells the others about the ensemble it runs; kept in Redis under the digest. */
export const ensembleInfoSchema = z.object({
  v: z.literal(1),
  name: ensembleNameSchema,
  digest: sha256Schema,
  /** All labels, in the order of class ids. */
  labels: z.array(z.string().min(1).max(512)).min(1),
  /** Labels that score below this are left out of outcomes; thresholds below it cannot work. */
  scoreFloor: z.number().min(0).max(1),
  members: z
    .array(z.object({ model: z.string(), digest: sha256Schema, weight: z.number() }))
    .min(1),
  /** Only of ensembles with a cascade: an image leaves it early when it is clear on which side of each of these its scores are. */
  cascade: z
    .object({
      thresholds: z.array(
        z.object({
          label: z.string().min(1).max(512),
          classId: z.number().int().nonnegative(),
          threshold: z.number(),
        }),
      ),
    })
    .optional(),
});
export type EnsembleInfo = z.infer<typeof ensembleInfoSchema>;
