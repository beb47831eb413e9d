import type { ObjectPath, RootName } from "@sluice/contracts";
import type { UploadDesk } from "@sluice/sources";

export const SCOPES = ["classify", "scan", "reference"] as const;
/** classify: send uploads and ask for their answers; scan: the yes-or-no hook; reference: name objects of configured roots. */
export type Scope = (typeof SCOPES)[number];

/** Who may ask, known by the SHA-256 of a key that only they have. */
export interface ApiKey {
  readonly name: string;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly scopes: readonly Scope[];
  /** Requests. */
  readonly perMinute: number;
}

export interface HttpLimits {
  /** Largest upload, bytes. */
  readonly maxBytes: number;
  /** Files in one request. */
  readonly maxFiles: number;
  /** Connections at a time; more are dropped. */
  readonly maxConnections: number;
  /** Requests that are answered at a time; more are answered 503. */
  readonly maxRequests: number;
  /** Bytes of JSON bodies in memory at a time; more are answered 503. */
  readonly maxJsonBytesInFlight: number;
  /** Longest time that an answer is waited for, milliseconds. */
  readonly maxWaitMs: number;
  /** A request must have arrived whole within this time, milliseconds. */
  readonly requestTimeoutMs: number;
}

export interface HttpServerOptions {
  readonly host: string;
  /** 0: a free port. */
  readonly port: number;
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** None: whoever reaches the port may ask, and has every scope but `reference`. */
  readonly keys: readonly ApiKey[];
  readonly limits: HttpLimits;
  /** Status of a refusal by the scan hook: 406 is what pict-rs expects. */
  readonly refusalStatus: number;
  readonly desk: Pick<UploadDesk, "accept" | "wait" | "state">;
  readonly references: References;
  readonly events: HttpEvents;
}

/** Port: objects of the configured roots, by name. */
export interface References {
  /** Null: no such object, or none that may be read. */
  open(root: RootName, path: ObjectPath): Promise<AsyncIterable<Uint8Array> | null>;
}

/** None may throw. */
export interface HttpEvents {
  answered(event: {
    readonly route: string;
    readonly status: number;
    readonly durationMs: number;
  }): void;
  /** An upload or a request was not taken, and why; the reason is one of a fixed set. A decision is no refusal. */
  refused(event: { readonly reason: string }): void;
  /** A bug, or something outside that fails, such as a disk. */
  failed(error: unknown): void;
}
