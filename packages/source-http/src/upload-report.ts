import { answerSchema, uploadIdSchema, type Answer, type UploadId } from "@sluice/contracts";
import { z } from "zod";
import { problemSchema } from "./problem.ts";

/** What is told about an upload. */
export const uploadReportSchema = z.object({
  id: uploadIdSchema,
  /** decided: `answer` is there. pending: ask again at `statusUrl`. */
  status: z.enum(["decided", "pending"]),
  statusUrl: z.string(),
  filename: z.string().nullable().optional(),
  sha256: z.string().optional(),
  sizeBytes: z.number().int().optional(),
  answer: answerSchema.nullable(),
  /** Milliseconds: receiving and storing, and from then to the answer. */
  timings: z.object({ receivedMs: z.number(), answeredMs: z.number().nullable() }).optional(),
});
export type UploadReport = z.infer<typeof uploadReportSchema>;

/** One of several files in a request: what was made of it, or why it was not taken. */
export const batchReportSchema = z.object({
  results: z.array(
    z.union([
      uploadReportSchema,
      z.object({ filename: z.string().nullable(), problem: problemSchema }),
    ]),
  ),
});
export type BatchReport = z.infer<typeof batchReportSchema>;

export function statusUrlOf(id: UploadId): string {
  return `/v1/uploads/${id}`;
}

/** @param top labels that are told, at most */
export function cutScores(answer: Answer, top: number): Answer {
  return { ...answer, scores: answer.scores.slice(0, top) };
}
