import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  type PutObjectCommandInput,
} from "@aws-sdk/client-s3";
import {
  objectPathSchema,
  objectVersionSchema,
  rootNameSchema,
  type ObjectPath,
  type RootName,
} from "@sluice/contracts";
import type { BucketSettings } from "../client/bucket-settings.ts";
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
  /** For SSE-C. */
  readonly customerKey?: Buffer;
}

async function writeKey(name: string, key: Buffer): Promise<string> {
  const path = join(tmpdir(), `${name}.key`);
  await writeFile(path, key);
  return path;
}

let count = 0;

/** Two roots in a new bucket, `uploads` and `published`, and an object's life seen from outside. */
export class ContractSite implements Disposable {
  readonly uploads: RootName = rootNameSchema.parse("uploads");
  readonly published: RootName = rootNameSchema.parse("published");
  readonly buckets: ReadonlyMap<RootName, Bucket>;
  readonly #server: ContractServer;
  readonly #bucket: Bucket;
  /** A version id that looks right. */
  readonly neverGiven = objectVersionSchema.parse(`v${"A".repeat(31)}`);

  private constructor(server: ContractServer, bucket: Bucket, published: Bucket) {
    this.#server = server;
    this.#bucket = bucket;
    this.buckets = new Map([
      [this.uploads, bucket],
      [this.published, published],
    ]);
  }

  static async make(server: ContractServer, options: SiteOptions = {}): Promise<ContractSite> {
    count += 1;
    const bucket = `contract-${process.pid}-${Date.now()}-${count}`;
    const { customerKey } = options;
    const keyFile = customerKey === undefined ? null : await writeKey(bucket, customerKey);
    const site = await ContractSite.#open(server, { bucket, sseCustomerKeyFile: keyFile });
    const { client, place } = site.#bucket;
    const lock = options.canLock === true && { ObjectLockEnabledForBucket: true };
    await client.send(new CreateBucketCommand({ ...place, ...lock }));
    if (options.isVersioned === true) {
      const VersioningConfiguration = { Status: "Enabled" } as const;
      await client.send(new PutBucketVersioningCommand({ ...place, VersioningConfiguration }));
    }
    return site;
  }

  static async #open(
    server: ContractServer,
    change: Partial<BucketSettings>,
  ): Promise<ContractSite> {
    const { endpoint, credentials } = server;
    const open = async (prefix: string): Promise<Bucket> => {
      const settings = settingsFor(endpoint, { timeoutMs: 20_000, ...change, prefix });
      return await openBucket({ settings, credentials });
    };
    return new ContractSite(server, await open("in/"), await open("out/"));
  }

  /** The same place as somebody else sees it. */
  async as(credentials: Credentials): Promise<ContractSite> {
    return await ContractSite.#open({ ...this.#server, credentials }, this.#bucket.settings);
  }

  async withoutCustomerKey(): Promise<ContractSite> {
    const settings = { ...this.#bucket.settings, sseCustomerKeyFile: null };
    return await ContractSite.#open(this.#server, settings);
  }

  async put(
    key: string,
    content: string | Uint8Array,
    fields: Partial<PutObjectCommandInput> = {},
  ) {
    const { client, place, customerKey } = this.#bucket;
    const put = { ...fields, ...place, ...customerKey, Key: key, Body: content };
    await client.send(new PutObjectCommand(put));
    return await this.head(key);
  }

  async head(key: string): Promise<ObjectHead> {
    const head = await headObject(this.#bucket, key);
    if (head === null) throw new Error(`expected ${key} to be there`);
    return head;
  }

  /** What a reader of the bucket gets; null: nothing. */
  async see(key: string, versionId?: string) {
    const { client, place, customerKey } = this.#bucket;
    const which = { ...place, Key: key, ...(versionId !== undefined && { VersionId: versionId }) };
    try {
      const found = await client.send(new GetObjectCommand({ ...which, ...customerKey }));
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

  async bytes(key: string): Promise<Buffer> {
    const { client, place, customerKey } = this.#bucket;
    const found = await client.send(new GetObjectCommand({ ...place, ...customerKey, Key: key }));
    return Buffer.from((await found.Body?.transformToByteArray()) ?? []);
  }

  /** Number of versions under a key, without delete markers. */
  async countVersions(key: string): Promise<number> {
    const { client, place } = this.#bucket;
    const list = await client.send(new ListObjectVersionsCommand({ ...place, Prefix: key }));
    return (list.Versions ?? []).filter(({ Key }) => Key === key).length;
  }

  async remove(key: string, versionId: string | null): Promise<void> {
    const which = { Key: key, ...(versionId !== null && { VersionId: versionId }) };
    const { client, place } = this.#bucket;
    await client.send(new DeleteObjectCommand({ ...place, ...which }));
  }

  /** Sets the bucket's policy. */
  async allow(statements: readonly object[]): Promise<void> {
    const { client, place } = this.#bucket;
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement: statements });
    await client.send(new PutBucketPolicyCommand({ ...place, Policy }));
  }

  get bucketName(): string {
    return this.#bucket.settings.bucket;
  }

  /** From now on objects get no versions; those that are there stay. */
  async suspendVersions(): Promise<void> {
    const { client, place } = this.#bucket;
    const VersioningConfiguration = { Status: "Suspended" } as const;
    await client.send(new PutBucketVersioningCommand({ ...place, VersioningConfiguration }));
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
