/** Messages as their senders make them, shortened to what matters; Ceph's was recorded from a radosgw 16. */

function encode(key: string): string {
  return encodeURIComponent(key).replaceAll("%20", "+");
}

export function amazon(key: string, sequencer = "0055AED6DCD90281E5", bucket = "uploads"): string {
  return JSON.stringify({
    Records: [
      {
        eventVersion: "2.1",
        eventSource: "aws:s3",
        awsRegion: "eu-central-1",
        eventTime: "2026-11-23T03:32:32.687Z",
        eventName: "ObjectCreated:Put",
        s3: {
          s3SchemaVersion: "1.0",
          configurationId: "sluice",
          bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
          object: {
            key: encode(key),
            size: 1,
            eTag: "9dd4e461268c8034f5c8564e155c67a6",
            sequencer,
          },
        },
      },
    ],
  });
}

/** Keys stand as they are, the version id may be empty, and the sequencer's bytes are the other way round. */
export function ceph(key: string, bucket = "uploads"): string {
  return JSON.stringify({
    Records: [
      {
        eventVersion: "2.2",
        eventSource: "ceph:s3",
        awsRegion: "",
        eventTime: "2026-11-23T03:32:32.687392Z",
        eventName: "ObjectCreated:Put",
        s3: {
          s3SchemaVersion: "1.0",
          configurationId: "n1",
          bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
          object: {
            key,
            size: 1,
            eTag: "9dd4e461268c8034f5c8564e155c67a6",
            versionId: "",
            sequencer: "D0B3036BF6073229",
            tags: [],
          },
        },
        eventId: "1795404752.691144.9dd4e461268c8034f5c8564e155c67a6",
        opaqueData: "tok",
      },
    ],
  });
}

export function minio(key: string, bucket = "uploads"): string {
  return JSON.stringify({
    EventName: "s3:ObjectCreated:Put",
    Key: `${bucket}/${key}`,
    Records: [
      {
        eventVersion: "2.0",
        eventSource: "minio:s3",
        awsRegion: "",
        eventTime: "2026-11-23T03:32:32.687Z",
        eventName: "s3:ObjectCreated:Put",
        s3: {
          s3SchemaVersion: "1.0",
          configurationId: "Config",
          bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
          object: {
            key: encode(key),
            size: 1,
            eTag: "9dd4e461268c8034f5c8564e155c67a6",
            contentType: "image/jpeg",
            sequencer: "1801A2B3C4D5E6F7",
          },
        },
      },
    ],
  });
}

export function bridge(key: string, bucket = "uploads"): string {
  return JSON.stringify({
    version: "0",
    id: "17793124-05d4-b198-2fde-7ededc63b103",
    "detail-type": "Object Created",
    source: "aws.s3",
    region: "eu-central-1",
    detail: {
      version: "0",
      bucket: { name: bucket },
      object: {
        key,
        size: 1,
        etag: "9dd4e461268c8034f5c8564e155c67a6",
        sequencer: "00617F08299329D189",
      },
      reason: "PutObject",
    },
  });
}

export function sns(message: string): string {
  return JSON.stringify({
    Type: "Notification",
    MessageId: "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
    TopicArn: "arn:aws:sns:eu-central-1:123456789012:uploads",
    Subject: "Amazon S3 Notification",
    Message: message,
    Timestamp: "2026-11-23T03:32:33.000Z",
  });
}

export const testEvent: string = JSON.stringify({
  Service: "Amazon S3",
  Event: "s3:TestEvent",
  Time: "2026-11-23T03:32:32.687Z",
  Bucket: "uploads",
});

export const subscription: string = JSON.stringify({
  Type: "SubscriptionConfirmation",
  MessageId: "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
  Token: "x",
  TopicArn: "arn:aws:sns:eu-central-1:123456789012:uploads",
  Message: "You have chosen to subscribe to the topic.",
  SubscribeURL: "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=x",
  Timestamp: "2026-11-23T03:32:33.000Z",
});
