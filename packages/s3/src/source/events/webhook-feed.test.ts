import { createHash } from "node:crypto";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { S3Harness, uploads } from "../testing/s3-harness.ts";
import { amazon, bridge, ceph, minio, sns, subscription, testEvent } from "./testing/messages.ts";
import { WebhookListenError } from "./webhook-error.ts";
import { WebhookFeed, type WebhookSettings } from "./webhook-feed.ts";

const SECRET = "a secret, and a long one";

/** A bucket whose source hears of it over HTTP, and is not listed again. */
class Hooked implements AsyncDisposable {
  readonly harness: S3Harness;
  #feed: WebhookFeed | null = null;

  private constructor(harness: S3Harness) {
    this.harness = harness;
  }

  static async start(change: Partial<WebhookSettings> = {}): Promise<Hooked> {
    const hooked = new Hooked(await S3Harness.make({ prefix: "in/" }));
    const { harness } = hooked;
    const listed = harness.untilListed();
    await harness.start({
      openFeeds: (desk) => {
        hooked.#feed = new WebhookFeed({
          source: uploads,
          settings: {
            host: "127.0.0.1",
            port: 0,
            secretSha256: createHash("sha256").update(SECRET).digest("hex"),
            tls: null,
            maxBytes: 10_000,
            maxRequests: 2,
            requestTimeoutMs: 1000,
            ...change,
          },
          desk,
          events: harness.recorder(),
          onFailed: (error) => harness.failures.push(error),
        });
        return [hooked.#feed];
      },
    });
    await listed;
    return hooked;
  }

  get port(): number {
    return this.#feed?.port ?? 0;
  }

  async post(
    body: string,
    { path = "/", headers = { authorization: `Bearer ${SECRET}` } as Record<string, string> } = {},
  ): Promise<number> {
    const url = `http://127.0.0.1:${this.port}${path}`;
    const answer = await fetch(url, { method: "POST", body, headers });
    await answer.arrayBuffer();
    return answer.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.harness[Symbol.asyncDispose]();
  }
}

describe("an event", () => {
  test.each([
    ["Amazon", amazon],
    ["Ceph", ceph],
    ["MinIO", minio],
    ["EventBridge", bridge],
    ["SNS", (key: string) => sns(amazon(key))],
  ])("of %s is answered when the journal has the object", async (_, make) => {
    await using hooked = await Hooked.start();
    hooked.harness.put("in/ü a+b%41.jpg");
    expect(await hooked.post(make("in/ü a+b%41.jpg"))).toBe(200);
    expect(hooked.harness.found).toEqual(["ü a+b%2541.jpg"]);
  });

  test("whose key is spelled in the other way is understood by asking the bucket", async () => {
    await using hooked = await Hooked.start();
    hooked.harness.put("in/a b.jpg");
    expect(await hooked.post(ceph("in/a+b.jpg"))).toBe(200);
    expect(hooked.harness.found).toEqual(["a b.jpg"]);
  });

  test("of a deletion, of nothing, of what lies elsewhere or is ignored does nothing and is answered", async () => {
    await using hooked = await Hooked.start();
    hooked.harness.put("in/kept.jpg");
    hooked.harness.put("in/a.part");
    const removed = amazon("in/kept.jpg").replace("ObjectCreated:Put", "ObjectRemoved:Delete");
    for (const body of [amazon("in/never.jpg"), amazon("out/a.jpg"), amazon("in/a.part"), removed])
      expect(await hooked.post(body)).toBe(200);
    expect(hooked.harness.outcomes).toEqual(["missing", "ignored", "ignored", "found"]);
    expect(hooked.harness.found).toEqual(["kept.jpg"]);
  });

  test("that comes twice is looked at once; that failed is looked at again", async () => {
    await using hooked = await Hooked.start();
    const { harness } = hooked;
    harness.put("in/a.jpg");
    harness.site.fake.faults.add({ operation: "HeadObject", kind: "access-denied", times: 1 });
    const statuses = [];
    for (let n = 0; n < 3; n++) statuses.push(await hooked.post(amazon("in/a.jpg")));
    expect(statuses).toEqual([503, 200, 200]);
    expect(harness.outcomes).toEqual(["failed", "found", "duplicate"]);
  });
});

describe("the secret", () => {
  const places: [string, Record<string, string>, string][] = [
    ["as a bearer's", { authorization: `Bearer ${SECRET}` }, "/"],
    ["as a password", { authorization: `Basic ${btoa(`any:${SECRET}`)}` }, "/"],
    ["as an API key", { "x-api-key": SECRET }, "/"],
    ["in the address", {}, `/events?secret=${encodeURIComponent(SECRET)}`],
  ];
  test.each(places)("is taken %s", async (_, headers, path) => {
    await using hooked = await Hooked.start();
    expect(await hooked.post(testEvent, { headers, path })).toBe(200);
  });

  test.each([
    ["none", {}, "/"],
    ["another", { authorization: "Bearer another" }, "/"],
    ["its beginning", { authorization: `Bearer ${SECRET.slice(0, -1)}` }, "/"],
    ["a huge one", { "x-api-key": SECRET.repeat(100) }, "/"],
    ["a wrong one in the address", {}, "/?secret=x&secret=y"],
  ])("is missed: %s", async (_, headers, path) => {
    await using hooked = await Hooked.start();
    hooked.harness.put("in/a.jpg");
    expect(await hooked.post(amazon("in/a.jpg"), { headers, path })).toBe(401);
    expect(hooked.harness.found).toEqual([]);
    expect(hooked.harness.outcomes).toEqual(["unauthorized"]);
  });
});

test("a question of SNS is shown and answered by nobody", async () => {
  await using hooked = await Hooked.start();
  expect(await hooked.post(subscription)).toBe(200);
  expect(hooked.harness.told.subscriptionAsked).toEqual([
    expect.objectContaining({
      confirmUrl: expect.stringMatching(/^https:\/\/sns\.eu-central-1\.amazonaws\.com\//u),
    }),
  ]);
});

test("what is no event, too large, or too much at a time is refused and counted", async () => {
  await using hooked = await Hooked.start();
  expect(await hooked.post("hello")).toBe(400);
  expect(await hooked.post(amazon("k", "1", "another-bucket"))).toBe(400);
  expect(await hooked.post(amazon("in/a.jpg").padEnd(20_000))).toBe(413);
  const held = [1, 2].map(() => hold(hooked.port));
  await hooked.harness.until(() => held.every(({ isOpen }) => isOpen()), "two requests held open");
  await hooked.harness.until(() => hooked.harness.outcomes.length === 3, "the others are counted");
  const statuses: number[] = [];
  while (!statuses.includes(503)) statuses.push(await hooked.post(testEvent));
  for (const { end } of held) end();
  expect(hooked.harness.outcomes.slice(0, 3)).toEqual(["invalid", "foreign", "too-large"]);
  expect(hooked.harness.outcomes).toContain("busy");
});

test("a request that never ends is ended, and does not keep the source from stopping", async () => {
  await using hooked = await Hooked.start();
  const held = hold(hooked.port);
  await hooked.harness.until(() => held.isClosed(), "it is ended");
  const another = hold(hooked.port);
  await hooked.harness.until(() => another.isOpen(), "another one");
  await hooked.harness.source.stop();
  await hooked.harness.until(() => another.isClosed(), "it is ended, too");
  expect(hooked.harness.outcomes).toEqual([]);
});

test("a bucket that does not answer keeps no stop waiting, and is no failure of the source", async () => {
  await using hooked = await Hooked.start();
  const { harness } = hooked;
  harness.site.fake.faults.add({ operation: "HeadObject", kind: "no-answer" });
  const events = ["1", "2", "3"].map(async (n) => {
    return await hooked.post(amazon(`in/${n}.jpg`)).catch(() => "cut off");
  });
  const heads = () =>
    harness.site.fake.faults.requests.filter(({ operation }) => operation === "HeadObject").length;
  await harness.until(() => heads() === 2, "two of them asked");
  await harness.source.stop();
  expect(await Promise.all(events)).toEqual(expect.arrayContaining(["cut off", 503]));
  expect(harness.failures).toEqual([]);
});

test("an address that is taken is told with the setting", async () => {
  await using hooked = await Hooked.start();
  const { port } = hooked;
  await expect(Hooked.start({ port })).rejects.toThrow(WebhookListenError);
});

/** Begins a request and leaves it at that. */
function hold(port: number) {
  const state = { isOpen: false, isClosed: false };
  const socket = connect(port, "127.0.0.1", () => {
    const head = `POST / HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${SECRET}\r\n`;
    socket.write(`${head}content-length: 5000\r\n\r\n{`, () => (state.isOpen = true));
  });
  socket.resume();
  socket.on("error", () => undefined);
  socket.on("close", () => (state.isClosed = true));
  return {
    isOpen: () => state.isOpen,
    isClosed: () => state.isClosed,
    end: () => socket.destroy(),
  };
}
