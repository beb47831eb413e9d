/** One request as the access log tells it. Strings hold bytes (latin1), unescaped; empty: the log had nothing there. */
export interface LogRecord {
  readonly method: string;
  /** 0: none. */
  readonly status: number;
  /** The request's target as the client sent it. */
  readonly target: string;
  /** `$uri`: decoded and cleaned by nginx, after rewrites; empty when the format has no such variable. */
  readonly path: string;
  /** Whether the client had the whole answer; null when the format does not say. */
  readonly isComplete: boolean | null;
  /** `$request_filename`. */
  readonly file: string;
  /** `$http_destination`, of MOVE and COPY. */
  readonly destination: string;
  /** `$request_body_file`. */
  readonly bodyFile: string;
  /** Empty: nginx answered by itself. Null: the format does not say. */
  readonly upstreamStatus: string | null;
  readonly location: string;
  /** Value of the response header that names the uploads. */
  readonly uploadPaths: string;
  readonly contentType: string;
  /** `$request_id`. */
  readonly id: string;
}
