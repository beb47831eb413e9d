/** An error as the API tells it. */
export class SluiceError extends Error {
  override readonly name = "SluiceError";
  /** HTTP status. */
  readonly status: number;
  /** For programs, such as UPLOAD_TOO_LARGE; `UNKNOWN` when something else than Sluice has answered. */
  readonly code: string;
  /** Seconds after which it is worth trying again; null: it is not. */
  readonly retryAfterSeconds: number | null;

  constructor(facts: {
    readonly status: number;
    readonly code: string;
    readonly detail: string;
    readonly retryAfterSeconds: number | null;
  }) {
    super(facts.detail);
    this.status = facts.status;
    this.code = facts.code;
    this.retryAfterSeconds = facts.retryAfterSeconds;
  }

  static async from(response: Response): Promise<SluiceError> {
    const { status } = response;
    const after = Number(response.headers.get("retry-after") ?? Number.NaN);
    const retryAfterSeconds = Number.isFinite(after) ? after : null;
    const text = await response.text();
    const { code = "UNKNOWN", detail = `the server answered ${status}` } = parse(text);
    return new SluiceError({ status, code, detail, retryAfterSeconds });
  }
}

function parse(text: string): { readonly code?: string; readonly detail?: string } {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null ? body : {};
  } catch {
    return {}; // A proxy's page: the status says what there is to say.
  }
}
