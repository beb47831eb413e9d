import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import type { ObjectPath } from "@sluice/contracts";
import type { BucketSettings } from "./bucket-settings.ts";
import { keyOfPath, pathOfKey } from "./object-key.ts";
import { readCustomerKey } from "./customer-key.ts";
import { S3RegionMissingError } from "./s3-errors.ts";
import { translateS3Error } from "./translate-error.ts";

/** With what requests are signed; left out: the usual chain (environment, shared files, the host's role). */
export type Credentials = NonNullable<S3ClientConfig["credentials"]>;

export interface OpenBucketOptions {
  readonly settings: BucketSettings;
  readonly credentials?: Credentials;
}

/**
 * A bucket's client, made from its settings. No request is sent.
 * Throws S3KeyFileError, S3RegionMissingError.
 */
export async function openBucket({ settings, credentials }: OpenBucketOptions): Promise<Bucket> {
  const { sseCustomerKeyFile: keyFile } = settings;
  const customerKey = keyFile === null ? null : await readCustomerKey(keyFile);
  const client = createClient(settings, credentials);
  await assertRegion(client, settings);
  return new Bucket(settings, { client, customerKey });
}

/** The library finds out at the first request, far from where the setting is. */
async function assertRegion({ config }: S3Client, settings: BucketSettings): Promise<void> {
  try {
    await config.region();
  } catch (error) {
    throw new S3RegionMissingError(settings.bucket, error);
  }
}

/** Part of every request. */
export interface PlaceFields {
  readonly Bucket: string;
  readonly RequestPayer?: "requester";
}

/** Part of every request that touches an object's bytes or facts. */
export interface CustomerKeyFields {
  readonly SSECustomerAlgorithm?: "AES256";
  readonly SSECustomerKey?: string;
}

/** A bucket that is spoken to; its connections are kept open between requests. */
export class Bucket implements Disposable {
  readonly settings: BucketSettings;
  readonly client: S3Client;
  readonly place: PlaceFields;
  readonly customerKey: CustomerKeyFields;

  constructor(
    settings: BucketSettings,
    { client, customerKey }: { readonly client: S3Client; readonly customerKey: string | null },
  ) {
    this.settings = settings;
    this.client = client;
    this.place = {
      Bucket: settings.bucket,
      ...(settings.requesterPays && { RequestPayer: "requester" }),
    };
    this.customerKey =
      customerKey === null ? {} : { SSECustomerAlgorithm: "AES256", SSECustomerKey: customerKey };
  }

  /** Null: no object here has this path. */
  keyOf(path: ObjectPath): string | null {
    return keyOfPath(this.settings.prefix, path);
  }

  /** Null: it lies outside of the prefix. */
  pathOf(key: string): ObjectPath | null {
    return pathOfKey(this.settings.prefix, key);
  }

  /** Waits for a request; what the library throws becomes one of our errors. */
  async ask<T>(what: { readonly action: string; readonly key?: string }, answer: Promise<T>) {
    try {
      return await answer;
    } catch (error) {
      throw translateS3Error(error, { ...what, bucket: this.settings.bucket });
    }
  }

  [Symbol.dispose](): void {
    this.client.destroy();
  }
}

/** Servers other than Amazon's know no regions, but a signature needs one. */
const REGION_OF_ENDPOINTS = "us-east-1";

/** What fails is thrown; the library would write it to the console as well. */
const SILENT = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

function createClient(settings: BucketSettings, credentials?: Credentials): S3Client {
  const { endpoint, region, profile, pathStyle, maxSockets, timeoutMs, maxAttempts } = settings;
  const checksums = settings.checksums === "required" ? "WHEN_REQUIRED" : "WHEN_SUPPORTED";
  const signedFor = region ?? (endpoint === null ? null : REGION_OF_ENDPOINTS);
  const agent = { keepAlive: true, maxSockets };
  return new S3Client({
    ...(endpoint !== null && { endpoint: endpoint.href }),
    ...(signedFor !== null && { region: signedFor }),
    ...(profile !== null && { profile }),
    ...(credentials !== undefined && { credentials }),
    forcePathStyle: pathStyle,
    requestChecksumCalculation: checksums,
    responseChecksumValidation: checksums,
    maxAttempts,
    logger: SILENT,
    // A bucket in another region is a mistake in the settings; following would hide it and cost a request each time.
    followRegionRedirects: false,
    requestHandler: {
      connectionTimeout: timeoutMs,
      requestTimeout: timeoutMs,
      throwOnRequestTimeout: true,
      socketTimeout: timeoutMs,
      httpAgent: agent,
      httpsAgent: agent,
    },
  });
}
