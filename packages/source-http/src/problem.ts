import { STATUS_CODES } from "node:http";
import { UploadEmptyError, UploadsFullError, UploadTooLargeError } from "@sluice/sources";
import { z } from "zod";

/** The body of every error (RFC 9457), with a `code` for programs. */
export const problemSchema = z.object({
  type: z.literal("about:blank"),
  title: z.string(),
  status: z.number().int(),
  /** What was expected, what was received, what to do. */
  detail: z.string(),
  code: z.string(),
});
export type ProblemBody = z.infer<typeof problemSchema>;

/** The code of an answer of the scan hook, which is no error of whoever asked. */
export const DECISION_CODE = "REFUSED";

/** A request that is answered with an error. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly code: string;
  /** Seconds after which it is worth trying again; null: it is not. */
  readonly retryAfterSeconds: number | null;

  constructor(
    status: number,
    code: string,
    detail: string,
    {
      retryAfterSeconds = null,
      cause,
    }: { readonly retryAfterSeconds?: number | null; readonly cause?: unknown } = {},
  ) {
    super(detail, { cause });
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  toBody(): ProblemBody {
    const { status, code, message: detail } = this;
    return { type: "about:blank", title: STATUS_CODES[status] ?? "Error", status, detail, code };
  }
}

const TYPES =
  "multipart/form-data, an image type or application/octet-stream with the bytes, or application/json";

/** What whoever sent the request is told of an error; null for a bug, of which strangers are told nothing. */
export function toProblem(error: unknown): Problem | null {
  if (error instanceof Problem) return error;
  if (error instanceof UploadTooLargeError) return new Problem(413, error.code, error.message);
  if (error instanceof UploadEmptyError) return new Problem(400, error.code, error.message);
  if (error instanceof UploadsFullError) {
    return new Problem(503, error.code, error.message, { retryAfterSeconds: 1 });
  }
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  switch (code) {
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new Problem(415, "MEDIA_TYPE_UNSUPPORTED", `expected ${TYPES}`);
    case "FST_ERR_CTP_BODY_TOO_LARGE":
    case "FST_REQ_FILE_TOO_LARGE":
      return new Problem(413, "UPLOAD_TOO_LARGE", "the body is larger than the limit");
    case "FST_PARTS_LIMIT":
    case "FST_FILES_LIMIT":
    case "FST_FIELDS_LIMIT":
      return new Problem(
        413,
        "TOO_MANY_PARTS",
        "more parts than one request may have; send several",
      );
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
    case "FST_ERR_CTP_EMPTY_JSON_BODY":
    case "FST_ERR_CTP_INVALID_JSON_BODY":
    case "ECONNRESET":
    case "ERR_STREAM_PREMATURE_CLOSE":
      return new Problem(400, "BODY_BROKEN", "the body broke off, or is not what its headers say");
    default:
      return code.startsWith("FST_") && statusOf(error) < 500
        ? new Problem(statusOf(error), "REQUEST_INVALID", textOf(error))
        : null;
  }
}

function statusOf(error: unknown): number {
  const status = error instanceof Error && "statusCode" in error ? error.statusCode : 500;
  return typeof status === "number" ? status : 500;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
