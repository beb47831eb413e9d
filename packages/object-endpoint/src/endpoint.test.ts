import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { objectRefSchema, rootNameSchema, sha256Schema } from "@sluice/contracts";
import type { ObjectReader, ReadResult } from "@sluice/inference";
import { expect, onTestFinished, test } from "vitest";
import {
  createEndpointReader,
  type EndpointReaderEvents,
  type EndpointReaderOptions,
} from "./client/endpoint-reader.ts";
import { startObjectServer, type ObjectServerOptions } from "./server/object-server.ts";
import { objectKeySchema } from "./signing/object-key.ts";
import { TEST_CERTIFICATE } from "./testing/test-certificate.ts";

const root = rootNameSchema.parse("uploads");
const object = objectRefSchema.parse({ path: "a/ü b.jpg", version: "1-2-3-4", sizeBytes: 300_000 });
const key = objectKeySchema.parse("k".repeat(32));
const bytes = Buffer.alloc(300_000, "picture");
const sha256 = sha256Schema.parse(createHash("sha256").update(bytes).digest("hex"));
const WHOLE: ReadResult = { kind: "bytes", bytes, sha256 };

async function serve(read: ObjectReader["read"], options: Partial<ObjectServerOptions> = {}) {
  const told: string[] = [];
  const server = await startObjectServer({
    host: "127.0.0.1",
    port: 0,
    tls: null,
    key,
    reader: { read },
    maxBytesInFlight: 1 << 20,
    maxWaiting: 100,
    maxConnections: 100,
    idleTimeoutMs: 5000,
    nowMs: Date.now,
    events: {
      served: () => told.push("served"),
      answeredWithout: ({ reason }) => told.push(reason),
      refused: ({ reason }) => told.push(reason),
      failed: (error) => told.push(String(error)),
    },
    ...options,
  });
  onTestFinished(async () => await server[Symbol.asyncDispose]());
  return { url: new URL(`http://127.0.0.1:${server.port}`), told, server };
}

function open(url: URL, options: Partial<EndpointReaderOptions> = {}) {
  const troubles: string[] = [];
  const events: EndpointReaderEvents = {
    troubled: ({ detail }) => troubles.push(detail),
    recovered: ({ attempts }) => troubles.push(`recovered after ${attempts}`),
  };
  const reader = createEndpointReader({
    endpoints: new Map([[root, url]]),
    key,
    ca: null,
    maxImageBytes: 1 << 20,
    maxConnections: 4,
    stallTimeoutMs: 2000,
    giveUpAfterMs: 0,
    nowMs: Date.now,
    events,
    ...options,
  });
  onTestFinished(() => reader[Symbol.dispose]());
  return { reader, troubles };
}

test.each<ReadResult>([
  WHOLE,
  { kind: "gone", reason: "missing" },
  { kind: "gone", reason: "changed" },
  { kind: "unscannable", reason: "empty", detail: "0 bytes" },
])("a worker reads what ingest reads: $kind $reason", async (result) => {
  const asked: unknown[] = [];
  const { url } = await serve(async (...request) => {
    asked.push(request);
    return await Promise.resolve(result);
  });
  expect(await open(url).reader.read(root, object)).toEqual(result);
  expect(asked).toEqual([[root, object]]);
});

test("another key is refused before anything is read, and the worker learns why", async () => {
  const { url, told } = await serve(async () => await Promise.reject(new Error("was read")));
  const { reader } = open(url, { key: objectKeySchema.parse("o".repeat(32)) });
  expect(await reader.read(root, object)).toMatchObject({
    kind: "unscannable",
    reason: "unreadable",
    detail: expect.stringMatching(/same SLUICE_OBJECT_KEY/u),
  });
  expect(told).toEqual(["signature"]);
});

test("clocks that differ by minutes are named", async () => {
  const { url } = await serve(async () => await Promise.resolve(WHOLE));
  const { reader } = open(url, { nowMs: () => Date.now() - 600_000 });
  expect(await reader.read(root, object)).toMatchObject({
    detail: expect.stringMatching(/clocks of ingest and worker differ/u),
  });
});

test("a root that is not served there is not asked for", async () => {
  const { reader } = open(new URL("http://127.0.0.1:9"));
  expect(await reader.read(rootNameSchema.parse("other"), object)).toMatchObject({
    reason: "unreadable",
  });
});

test("connections are used again", async () => {
  let connections = 0;
  const listener: RequestListener = (_, response) =>
    response
      .writeHead(200, { "content-length": bytes.length, "x-sluice-sha256": sha256 })
      .end(bytes);
  const url = await pretend(listener, () => (connections += 1));
  const { reader } = open(url, { maxConnections: 2 });
  for (let i = 0; i < 10; i += 1) {
    await Promise.all([reader.read(root, object), reader.read(root, object)]);
  }
  expect(connections).toBe(2);
});

test("over TLS, with a certificate that the worker trusts; another one is trouble", async () => {
  const { server } = await serve(async () => await Promise.resolve(WHOLE), {
    tls: TEST_CERTIFICATE,
  });
  const url = new URL(`https://localhost:${server.port}`);
  expect(await open(url, { ca: TEST_CERTIFICATE.cert }).reader.read(root, object)).toEqual(WHOLE);
  const { reader, troubles } = open(url);
  expect(await reader.read(root, object)).toMatchObject({ reason: "unreadable" });
  expect(troubles).toEqual(["DEPTH_ZERO_SELF_SIGNED_CERT"]);
});

test("bytes wait for room, and what finds no place to wait is answered 503 and comes later", async () => {
  let open_ = 0;
  let most = 0;
  const { url, told } = await serve(
    async () => {
      open_ += 1;
      most = Math.max(most, open_);
      await new Promise(setImmediate);
      open_ -= 1;
      return WHOLE;
    },
    { maxBytesInFlight: 600_000, maxWaiting: 2 },
  );
  const { reader, troubles } = open(url, { maxConnections: 32, giveUpAfterMs: 10_000 });
  const results = await Promise.all(
    Array.from({ length: 20 }, async () => await reader.read(root, object)),
  );
  expect(results.every(({ kind }) => kind === "bytes")).toBe(true);
  expect(most).toBeLessThanOrEqual(2);
  expect(told.filter((what) => what === "served")).toHaveLength(20);
  expect(troubles.filter((what) => what.startsWith("503"))).toHaveLength(
    told.filter((what) => what === "busy").length,
  );
});

test("an endpoint that was away is asked again, and nothing is decided meanwhile", async () => {
  const first = await serve(async () => await Promise.resolve(WHOLE));
  await first.server[Symbol.asyncDispose]();
  const { reader, troubles } = open(first.url, { giveUpAfterMs: 30_000 });
  const reading = reader.read(root, object);
  await expect.poll(() => troubles).toContain("ECONNREFUSED");
  await serve(async () => await Promise.resolve(WHOLE), { port: Number(first.url.port) });
  expect(await reading).toEqual(WHOLE);
  expect(troubles.at(-1)).toMatch(/recovered/u);
});

/** A server that is no endpoint of ours, or one in trouble. */
async function pretend(listener: RequestListener, onConnection?: () => void): Promise<URL> {
  const server: Server = createServer(listener);
  if (onConnection !== undefined) server.on("connection", onConnection);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return new URL(`http://127.0.0.1:${port}`);
}

test.each<[string, RequestListener, RegExp]>([
  [
    "a proxy's 404 is not an object that is gone",
    (_, response) => response.writeHead(404).end("<html>not found</html>"),
    /404: not an object endpoint/u,
  ],
  [
    "half a file is no file",
    (_, response) => {
      response.writeHead(200, { "content-length": 100, "x-sluice-sha256": sha256 });
      response.write("half", () => response.destroy());
    },
    /ECONNRESET|ended before/u,
  ],
  [
    "bytes that do not hash to what was sent are not taken",
    (_, response) =>
      response.writeHead(200, { "content-length": 4, "x-sluice-sha256": sha256 }).end("fake"),
    /not those that were sent/u,
  ],
  [
    "more than was announced is not taken",
    (_, response) => response.writeHead(200, { "transfer-encoding": "chunked" }).end("fake"),
    /how many bytes/u,
  ],
  ["silence is trouble", () => undefined, /no byte for/u],
  [
    "an endless refusal is not read",
    (_, response) => {
      response.writeHead(500);
      const more = (): void => void response.write("x".repeat(65_536), more);
      more();
    },
    /something else/u,
  ],
])("%s", async (_, listener, detail) => {
  const { reader, troubles } = open(await pretend(listener), { stallTimeoutMs: 300 });
  expect(await reader.read(root, object)).toMatchObject({
    kind: "unscannable",
    reason: "unreadable",
    detail: expect.stringMatching(detail),
  });
  expect(troubles).toHaveLength(1);
});

test("an object above the worker's limit is named so, and not fetched", async () => {
  const { url } = await serve(async () => await Promise.resolve(WHOLE));
  expect(await open(url, { maxImageBytes: 1000 }).reader.read(root, object)).toMatchObject({
    reason: "too-many-bytes",
    detail: "300000 bytes, above worker.maxImageBytes = 1000",
  });
});

test("a reader that fails is told here and answered as trouble, without what it said", async () => {
  const { url, told } = await serve(
    async () => await Promise.reject(new Error("/secret/path is broken")),
  );
  const { reader, troubles } = open(url);
  await reader.read(root, object);
  expect(told).toEqual(["Error: /secret/path is broken"]);
  expect(troubles).toEqual(["500: the object cannot be read at present"]);
});

test("somebody who connects and says nothing is put out", async () => {
  const { url } = await serve(async () => await Promise.resolve(WHOLE), { idleTimeoutMs: 100 });
  const socket = connect(Number(url.port), "127.0.0.1");
  socket.on("error", () => undefined);
  socket.resume();
  await once(socket, "close");
  expect(socket.destroyed).toBe(true);
});

test("a port that is taken and a certificate that is none are told with what to do", async () => {
  const { url } = await serve(async () => await Promise.resolve(WHOLE));
  const again = serve(async () => await Promise.resolve(WHOLE), { port: Number(url.port) });
  await expect(again).rejects.toMatchObject({ code: "OBJECT_SERVER_UNAVAILABLE", exitCode: 78 });
  const tls = { cert: "no certificate", key: "no key" };
  await expect(serve(async () => await Promise.resolve(WHOLE), { tls })).rejects.toThrow(
    /certificate and its private key as PEM/u,
  );
});
