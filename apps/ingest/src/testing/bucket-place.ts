import { createHash } from "node:crypto";
import { createServer } from "node:net";
import { once } from "node:events";
import type { SourcePlace } from "./line-site.ts";

/** What a bucket of any server can do for a test. */
export interface TestBucket extends AsyncDisposable {
  /** As a root of sluice.yaml has it. */
  readonly settings: { readonly bucket: string; readonly endpoint: string };
  put(key: string, content: string): Promise<void>;
  remove(key: string): Promise<void>;
}

const SECRET = "a secret of this test";

/** A bucket whose events come to the source's webhook, with as little care as networks take. */
export async function makeBucketPlace(bucket: TestBucket): Promise<SourcePlace> {
  const port = await freePort();
  const secretSha256 = createHash("sha256").update(SECRET).digest("hex");
  const tell = async (eventName: string, key: string): Promise<void> => {
    const body = JSON.stringify({
      Records: [
        {
          eventVersion: "2.1",
          eventSource: "aws:s3",
          eventName,
          s3: {
            bucket: { name: bucket.settings.bucket },
            object: { key: encodeURIComponent(key) },
          },
        },
      ],
    });
    const headers = { authorization: `Bearer ${SECRET}` };
    // Nobody may listen yet or any more: events get lost.
    await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body, headers }).catch(() => null);
  };
  return {
    root: { s3: bucket.settings },
    source: { kind: "s3", webhook: { port, secretSha256 } },
    async put(name, content = "content") {
      await bucket.put(name, content);
      await tell("ObjectCreated:Put", name);
    },
    async remove(name) {
      await bucket.remove(name);
      await tell("ObjectRemoved:Delete", name);
    },
    async hint(name) {
      await tell("ObjectCreated:Put", name);
      await tell("ObjectRemoved:Delete", name);
    },
    async [Symbol.asyncDispose]() {
      await bucket[Symbol.asyncDispose]();
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await once(server.close(), "close");
  if (address === null || typeof address === "string") throw new Error("expected a port");
  return address.port;
}
