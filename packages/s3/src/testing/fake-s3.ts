import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { ACCESS_DENIED, failure, xml, type Answer } from "./answer.ts";
import { FakeBucket } from "./fake-bucket.ts";
import { FakeFaults, type FakeRequest, type FaultKind } from "./fake-faults.ts";
import { listObjects, listVersions } from "./list-answers.ts";
import {
  copyObject,
  deleteObject,
  lock,
  putObject,
  readObject,
  tagging,
  type Ignored,
  type ObjectContext,
} from "./object-answers.ts";
import { operationName } from "./operation-names.ts";
import { readRequestBody } from "./request-body.ts";

export interface FakeS3Options {
  /** Conditions that this server does not look at; radosgw, for one, ignores `delete-if-match` and `copy-conditions`. */
  readonly ignores?: readonly Ignored[];
  readonly nowMs?: () => number;
}

/** Starts an S3 server in memory, on the loopback address, path style; every signature is good. */
export async function startFakeS3(options: FakeS3Options = {}): Promise<FakeS3> {
  const fake = new FakeS3(options);
  await fake.listen();
  return fake;
}

export class FakeS3 implements AsyncDisposable {
  readonly faults = new FakeFaults();
  /** Made to it so far. */
  connections = 0;
  readonly #buckets = new Map<string, FakeBucket>();
  readonly #ignores: readonly Ignored[];
  readonly #nowMs: () => number;
  readonly #server: Server;

  constructor({ ignores = [], nowMs = () => Date.now() }: FakeS3Options) {
    this.#ignores = ignores;
    this.#nowMs = nowMs;
    this.#server = createServer((request, response) => void this.#handle(request, response));
    this.#server.on("connection", () => (this.connections += 1));
  }

  get endpoint(): URL {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("expected to listen");
    return new URL(`http://127.0.0.1:${address.port}`);
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  /** Makes a bucket, or gives the one that is there. */
  bucket(name: string): FakeBucket {
    const bucket = this.#buckets.get(name) ?? new FakeBucket(this.#nowMs);
    this.#buckets.set(name, bucket);
    return bucket;
  }

  removeBucket(name: string): void {
    this.#buckets.delete(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const request = parseRequest(incoming);
      const body = await readRequestBody(incoming);
      const fault = this.faults.next(request);
      const refused = fault === null ? null : refusal(fault);
      const answer = refused ?? this.#answer(request, incoming.method ?? "", body);
      send(response, { answer, isHead: incoming.method === "HEAD", fault });
    } catch {
      response.destroy(); // the request broke off: nothing was stored, and nobody waits
    }
  }

  #answer(request: FakeRequest, method: string, body: Buffer): Answer {
    if (request.headers["authorization"] === undefined) return ACCESS_DENIED;
    if (request.operation === "CreateBucket") return this.#create(request);
    const bucket = this.#buckets.get(request.bucket);
    if (bucket === undefined) return failure(404, "NoSuchBucket");
    if (request.key === "") return answerBucket(request, bucket, body);
    const findBucket = (name: string) => this.#buckets.get(name) ?? null;
    const context = { request, bucket, body, ignores: this.#ignores, findBucket };
    return answerObject(method, context);
  }

  #create(request: FakeRequest): Answer {
    const bucket = this.bucket(request.bucket);
    if (request.headers["x-amz-bucket-object-lock-enabled"] === "true") bucket.versioning = "on";
    return { status: 200 };
  }
}

function parseRequest(incoming: IncomingMessage): FakeRequest {
  const [path = "", search = ""] = (incoming.url ?? "").split("?");
  const [, bucket = "", key = ""] = /^\/([^/]*)\/?(.*)$/su.exec(path) ?? [];
  const query = new URLSearchParams(search);
  const decoded = decodeURIComponent(key);
  const isCopy = incoming.headers["x-amz-copy-source"] !== undefined;
  const operation = operationName(incoming.method ?? "", { key: decoded, query, isCopy });
  return { operation, bucket, key: decoded, query, headers: incoming.headers };
}

function answerBucket(request: FakeRequest, bucket: FakeBucket, body: Buffer): Answer {
  switch (request.operation) {
    case "HeadBucket":
      return { status: 200 };
    case "ListObjectsV2":
      return xml(listObjects(request.bucket, bucket, request.query));
    case "ListObjectVersions":
      return xml(listVersions(request.bucket, bucket, request.query));
    case "GetBucketVersioning": {
      const status = {
        off: "",
        on: "<Status>Enabled</Status>",
        suspended: "<Status>Suspended</Status>",
      };
      return xml(`<VersioningConfiguration>${status[bucket.versioning]}</VersioningConfiguration>`);
    }
    case "PutBucketVersioning":
      bucket.versioning = /<Status>Enabled/u.test(body.toString("utf8")) ? "on" : "suspended";
      return { status: 200 };
    default:
      return failure(501, "NotImplemented");
  }
}

function answerObject(method: string, context: ObjectContext): Answer {
  const { operation } = context.request;
  if (operation.endsWith("Tagging")) return tagging(context);
  if (operation.endsWith("Retention") || operation.endsWith("LegalHold")) return lock(context);
  if (operation === "CopyObject") return copyObject(context);
  if (method === "GET" || method === "HEAD") return readObject(context);
  if (method === "PUT") return putObject(context);
  return method === "DELETE" ? deleteObject(context) : failure(501, "NotImplemented");
}

/** Null: the fault comes later than the answer is made. */
function refusal(fault: FaultKind): Answer | null {
  switch (fault) {
    case "access-denied":
      return ACCESS_DENIED;
    case "internal-error":
      return failure(500, "InternalError");
    case "slow-down":
      return failure(503, "SlowDown");
    case "garbage":
      return {
        status: 200,
        headers: { "content-type": "text/html" },
        body: "<html><p>Sorry & goodbye",
      };
    case "not-found-page":
      return { status: 404, headers: { "content-type": "text/html" }, body: "<html><p>Not found" };
    case "no-answer":
    case "reset":
      return { status: 0 };
    case "half-body":
    case "stalled-body":
    case "answer-lost":
      return null;
    default:
      return fault satisfies never;
  }
}

function send(
  response: ServerResponse,
  { answer, isHead, fault }: { answer: Answer; isHead: boolean; fault: FaultKind | null },
): void {
  if (fault === "no-answer") return; // until the client gives up, or the server is closed
  if (fault === "reset" || fault === "answer-lost") return void response.destroy();
  const body = Buffer.from(answer.body ?? "");
  const hasNone = answer.status === 204 || answer.status === 304;
  const length = hasNone ? {} : { "content-length": `${body.length}` };
  response.writeHead(answer.status, { ...length, ...answer.headers, "x-amz-request-id": "fake" });
  if (isHead || (fault !== "half-body" && fault !== "stalled-body"))
    return void response.end(isHead ? undefined : body);
  response.write(body.subarray(0, body.length >> 1), () => {
    if (fault === "half-body") response.destroy();
  });
}
