import { unscannableReasonSchema } from "@sluice/contracts";
import { z } from "zod";

/**
 * Why there are no bytes, as the endpoint says it in JSON. Only an answer of this form counts: a 404 of some proxy in between must
 * never look like an object that is gone.
 */
export const noBytesSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("gone"), reason: z.enum(["missing", "changed"]) }),
  z.object({
    kind: z.literal("unscannable"),
    reason: unscannableReasonSchema,
    detail: z.string().max(1000),
  }),
]);
export type NoBytes = z.infer<typeof noBytesSchema>;

/** HTTP status of such an answer, for people and logs; programs read the body. */
export function statusOf(answer: NoBytes): number {
  if (answer.kind === "unscannable") return 422;
  return answer.reason === "missing" ? 404 : 409;
}

/** Header with the SHA-256 of the bytes, in hexadecimal. */
export const HASH_HEADER = "x-sluice-sha256";
