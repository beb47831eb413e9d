import {
  CreateBucketCommand,
  DeleteObjectCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { openBucket, type Bucket } from "../../client/open-bucket.ts";
import type { ContractServer } from "../../testing/contract-site.ts";
import { settingsFor } from "../../testing/test-bucket.ts";

let count = 0;

/** A new bucket of a real server, as the tests of sources use it. */
export class RealBucket implements AsyncDisposable {
  readonly bucket: Bucket;

  private constructor(bucket: Bucket) {
    this.bucket = bucket;
  }

  static async make(
    { endpoint, credentials }: ContractServer,
    { isVersioned = false } = {},
  ): Promise<RealBucket> {
    count += 1;
    const name = `source-${process.pid}-${Date.now()}-${count}`;
    const settings = settingsFor(endpoint, { bucket: name, timeoutMs: 20_000, maxSockets: 64 });
    const bucket = await openBucket({ settings, credentials });
    const { client, place } = bucket;
    await client.send(new CreateBucketCommand(place));
    if (isVersioned) {
      const VersioningConfiguration = { Status: "Enabled" } as const;
      await client.send(new PutBucketVersioningCommand({ ...place, VersioningConfiguration }));
    }
    return new RealBucket(bucket);
  }

  /** As a root of sluice.yaml has it. */
  get settings(): { bucket: string; endpoint: string } {
    const { bucket, endpoint } = this.bucket.settings;
    return { bucket, endpoint: endpoint?.href ?? "" };
  }

  async put(key: string, content: string): Promise<void> {
    const { client, place } = this.bucket;
    await client.send(new PutObjectCommand({ ...place, Key: key, Body: content }));
  }

  async remove(key: string): Promise<void> {
    const { client, place } = this.bucket;
    await client.send(new DeleteObjectCommand({ ...place, Key: key }));
  }

  /** Lets the server tell a topic of what happens. */
  async notify(topicArn: string): Promise<void> {
    const { client, place } = this.bucket;
    const events = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"] as const;
    const topic = { Id: "sluice", TopicArn: topicArn, Events: [...events] };
    const NotificationConfiguration = { TopicConfigurations: [topic] };
    await client.send(
      new PutBucketNotificationConfigurationCommand({ ...place, NotificationConfiguration }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.bucket[Symbol.dispose]();
    return await Promise.resolve();
  }
}
