import { sha256Schema } from "@sluice/contracts";
import { z } from "zod";

/** What choosing a variant reads of its report; see VariantReport for all that is written. */
export const storedReportSchema = z.object({
  version: z.literal(1),
  sha256: sha256Schema,
  float: z.object({ sha256: sha256Schema }),
  calibration: z.object({ weightBits: z.union([z.literal(7), z.literal(8)]) }).nullable(),
  agreement: z.object({
    pictures: z.number().int().positive(),
    top1Agreement: z.number().min(0).max(1),
    decisionThreshold: z.number(),
    decisionsChanged: z.number().int().nonnegative(),
  }),
});
export type StoredReport = z.infer<typeof storedReportSchema>;
