import { GetBucketVersioningCommand } from "@aws-sdk/client-s3";
import type { Bucket } from "../client/open-bucket.ts";
import { S3AccessDeniedError, S3RequestRefusedError } from "../client/s3-errors.ts";

/** What tells versions of an object apart: the bucket's ids for them, or ETag, size and time. */
export type VersionKind = "ids" | "facts";

export interface VersionModeOptions {
  readonly bucket: Bucket;
  /** `auto`: the bucket is asked. */
  readonly versions: "auto" | "on" | "off";
  /** It may not be asked, or does not know the question. */
  readonly onUnknown: (error: Error) => void;
}

/** Whether a bucket is listed by its versions; asked once, and again before every full listing. */
export class VersionMode {
  readonly #options: VersionModeOptions;
  #known: VersionKind | null;
  #isUnknownTold = false;

  constructor(options: VersionModeOptions) {
    this.#options = options;
    const { versions } = options;
    this.#known = versions === "auto" ? null : versions === "on" ? "ids" : "facts";
  }

  /** Rejects with S3Error. */
  async get(signal: AbortSignal): Promise<VersionKind> {
    return this.#known ?? (await this.refresh(signal));
  }

  /** Rejects with S3Error. */
  async refresh(abortSignal: AbortSignal): Promise<VersionKind> {
    const { bucket, versions, onUnknown } = this.#options;
    if (versions !== "auto" && this.#known !== null) return this.#known;
    try {
      const command = new GetBucketVersioningCommand(bucket.place);
      const { Status } = await bucket.ask(
        { action: "GetBucketVersioning" },
        bucket.client.send(command, { abortSignal }),
      );
      // A suspended bucket still has ids of what came before; objects without one are told apart by their facts.
      this.#known = Status === undefined ? "facts" : "ids";
    } catch (error) {
      const isRefused =
        error instanceof S3AccessDeniedError || error instanceof S3RequestRefusedError;
      if (!isRefused) throw error;
      if (!this.#isUnknownTold) onUnknown(error);
      this.#isUnknownTold = true;
      this.#known ??= "facts";
    }
    return this.#known;
  }
}
