import {
  CreateBucketCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  type PutObjectCommandInput,
} from "@aws-sdk/client-s3";
import {
  objectPathSchema,
  rootNameSchema,
  type ObjectPath,
  type RootName,
} from "@sluice/contracts";
import { headObject, type ObjectHead } from "../client/head-object.ts";
import { openBucket, type Bucket, type Credentials } from "../client/open-bucket.ts";
import { settingsFor } from "./test-bucket.ts";

/** A server that passes the contract: the fake, or a real one. */
export interface ContractServer {
  readonly endpoint: URL;
  readonly credentials: Credentials;
}

export interface SiteOptions {
  readonly isVersioned?: boolean;
  /** Object Lock; such a bucket keeps versions. */
  readonly canLock?: boolean;
}

let count = 0;

/** Two roots in a new bucket, `uploads` and `published`, and an object's life seen from outside. */
export class ContractSite implements Disposable {
  readonly uploads: RootName = rootNameSchema.parse("uploads");
  readonly published: RootName = rootNameSchema.parse("published");
  readonly buckets: ReadonlyMap<RootName, Bucket>;
  readonly #bucket: Bucket;

  private constructor(bucket: Bucket, published: Bucket) {
    this.#bucket = bucket;
    this.buckets = new Map([
      [this.uploads, bucket],
      [this.published, published],
    ]);
  }

  static async make(server: ContractServer, options: SiteOptions = {}): Promise<ContractSite> {
    count += 1;
    const name = `contract-${process.pid}-${Date.now()}-${count}`;
    const open = async (prefix: string): Promise<Bucket> => {
      const settings = settingsFor(server.endpoint, { bucket: name, prefix, timeoutMs: 20_000 });
      return await openBucket({ settings, credentials: server.credentials });
    };
    const uploads = await open("in/");
    const { client, place } = uploads;
    const lock = options.canLock === true && { ObjectLockEnabledForBucket: true };
    await client.send(new CreateBucketCommand({ ...place, ...lock }));
    if (options.isVersioned === true) {
      const VersioningConfiguration = { Status: "Enabled" } as const;
      await client.send(new PutBucketVersioningCommand({ ...place, VersioningConfiguration }));
    }
    return new ContractSite(uploads, await open("out/"));
  }

  async put(key: string, text: string, fields: Partial<PutObjectCommandInput> = {}) {
    const { client, place } = this.#bucket;
    await client.send(new PutObjectCommand({ ...fields, ...place, Key: key, Body: text }));
    return await this.head(key);
  }

  async head(key: string): Promise<ObjectHead> {
    const head = await headObject(this.#bucket, key);
    if (head === null) throw new Error(`expected ${key} to be there`);
    return head;
  }

  /** What a reader of the bucket gets; null: nothing. */
  async see(key: string, versionId?: string) {
    const { client, place } = this.#bucket;
    const which = { ...place, Key: key, ...(versionId !== undefined && { VersionId: versionId }) };
    try {
      const found = await client.send(new GetObjectCommand(which));
      const { TagSet = [] } = await client.send(new GetObjectTaggingCommand(which));
      return {
        text: await found.Body?.transformToString(),
        type: found.ContentType,
        disposition: found.ContentDisposition,
        cacheControl: found.CacheControl,
        metadata: found.Metadata,
        tags: Object.fromEntries(TagSet.map(({ Key = "", Value = "" }) => [Key, Value])),
      };
    } catch {
      return null;
    }
  }

  /** Number of versions under a key, without delete markers. */
  async countVersions(key: string): Promise<number> {
    const { client, place } = this.#bucket;
    const list = await client.send(new ListObjectVersionsCommand({ ...place, Prefix: key }));
    return (list.Versions ?? []).filter(({ Key }) => Key === key).length;
  }

  async hold(key: string, isHeld: boolean): Promise<void> {
    const { client, place } = this.#bucket;
    const LegalHold = { Status: isHeld ? "ON" : "OFF" } as const;
    await client.send(new PutObjectLegalHoldCommand({ ...place, Key: key, LegalHold }));
  }

  original(key: string, { version }: ObjectHead, token = "e1") {
    return { root: this.uploads, path: this.path(key), version, token };
  }

  path(key: string): ObjectPath {
    return objectPathSchema.parse(this.#bucket.pathOf(key));
  }

  [Symbol.dispose](): void {
    for (const bucket of this.buckets.values()) bucket[Symbol.dispose]();
  }
}
