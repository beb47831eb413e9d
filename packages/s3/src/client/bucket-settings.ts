/** One bucket, or the part of it below a prefix, and how it is reached. */
export interface BucketSettings {
  readonly bucket: string;
  /** Empty, or ends with `/`. */
  readonly prefix: string;
  /** Null: Amazon's, by region. */
  readonly endpoint: URL | null;
  /** Null: from the environment or the profile. */
  readonly region: string | null;
  /** The bucket's name stands in the path, not in the host's name. */
  readonly pathStyle: boolean;
  /** `required`: checksums only where the protocol demands them; other servers store them as content or refuse them. */
  readonly checksums: "required" | "supported";
  readonly requesterPays: boolean;
  /** Absolute path of a file with the key of SSE-C: 32 bytes, or their base64. */
  readonly sseCustomerKeyFile: string | null;
  /** What new objects are encrypted with; null: as the bucket says. */
  readonly kmsKeyId: string | null;
  /** Of the shared credentials file; null: the usual chain decides. */
  readonly profile: string | null;
  /** Connections at a time, from 1. */
  readonly maxSockets: number;
  /** For a connection, for an answer to begin, and for each pause in it. */
  readonly timeoutMs: number;
  /** Of one request, from 1, with a growing pause between them. */
  readonly maxAttempts: number;
  /** For so long a worker asks for an object again while the server is away or busy. */
  readonly giveUpAfterMs: number;
}
