import type { ScanResult } from "./scan-result.ts";

/** Port: judges the bytes of an upload. What concerns the upload is a result; it rejects with what `bytes` throws, and for bugs. */
export interface Scanner {
  scan(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<ScanResult>;
  /** What stands after `Sluice` in the reply to VERSION. */
  readonly version: string;
}

/** A file that a client named by its path, or that lies below a folder which it named. */
export interface NamedFile {
  /** For the reply: printable. */
  readonly name: string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Why a path is not scanned. */
export interface RefusedPath {
  readonly name: string;
  readonly refusal: string;
}

/** Port: files by the path that a client on this host names. Only what the administrator allows is ever opened. */
export interface NamedFiles {
  find(path: Buffer): AsyncIterable<NamedFile | RefusedPath>;
}

/** What happens; none may throw. */
export interface ClamdEvents {
  scanned(event: { readonly command: string; readonly result: ScanResult["kind"] }): void;
  /** An upload or a named file that was answered with an error, by one of a fixed set of causes. */
  notScanned(event: { readonly cause: string }): void;
  /** A connection that was ended by us, and why. */
  dropped(event: { readonly reason: string }): void;
  /** A bug. */
  failed(error: unknown): void;
}

export interface ClamdLimits {
  /** Largest stream, bytes. */
  readonly maxStreamBytes: number;
  readonly maxConnections: number;
  /** A connection on which nothing comes for so long is closed. */
  readonly idleTimeoutMs: number;
  /** For so long an answer is waited for; then the reply is an error. */
  readonly answerTimeoutMs: number;
  /** Scans of one session that may be under way. */
  readonly maxSessionScans: number;
}
