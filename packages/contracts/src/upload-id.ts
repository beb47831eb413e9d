import { z } from "zod";

/** Name of a received upload. Whoever knows it may ask for the answer, so it is made of random bits that nobody guesses. */
export const uploadIdSchema = z
  .string()
  .regex(/^u[0-9a-f]{40}$/u, "expected u and 40 hexadecimal digits")
  .brand<"UploadId">();
export type UploadId = z.infer<typeof uploadIdSchema>;
