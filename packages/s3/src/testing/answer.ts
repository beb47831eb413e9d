/** An answer before it is sent. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

export function xml(body: string): Answer {
  const headers = { "content-type": "application/xml" };
  return { status: 200, headers, body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}` };
}

export function failure(status: number, code: string): Answer {
  return { ...xml(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`), status };
}

export const NO_SUCH_KEY = failure(404, "NoSuchKey");
export const PRECONDITION_FAILED = failure(412, "PreconditionFailed");
export const ACCESS_DENIED = failure(403, "AccessDenied");
