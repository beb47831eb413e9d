import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

interface Waiting {
  readonly id: string;
  readonly body: string;
  /** Hidden from receivers until then. */
  visibleAtMs: number;
  receives: number;
}

interface ReceiveRequest {
  readonly WaitTimeSeconds?: number;
  readonly VisibilityTimeout?: number;
  readonly MaxNumberOfMessages?: number;
}

/** A queue as SQS has it, over its JSON protocol: long polling, visibility, deletion by receipt. */
export class FakeSqs implements AsyncDisposable {
  readonly #messages = new Map<string, Waiting>();
  readonly #server: Server;
  /** Answered instead of a message. */
  failure: { readonly status: number; readonly name: string } | null = null;

  private constructor() {
    this.#server = createServer((request, response) => void this.#handle(request, response));
  }

  static async start(): Promise<FakeSqs> {
    const fake = new FakeSqs();
    fake.#server.listen(0, "127.0.0.1");
    await once(fake.#server, "listening");
    return fake;
  }

  get queueUrl(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("expected to listen");
    return `http://127.0.0.1:${address.port}/123456789012/uploads`;
  }

  send(body: string): void {
    const id = randomUUID();
    this.#messages.set(id, { id, body, visibleAtMs: 0, receives: 0 });
  }

  /** Messages that were not deleted, and how often each was received. */
  get left(): { body: string; receives: number }[] {
    return [...this.#messages.values()].map(({ body, receives }) => ({ body, receives }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await once(this.#server.close(), "close");
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(Buffer.from(part));
    const body = JSON.parse(Buffer.concat(parts).toString("utf8"));
    const { failure } = this;
    const answer =
      failure === null
        ? await this.#answer(String(request.headers["x-amz-target"]), body)
        : { __type: failure.name, message: failure.name };
    response.writeHead(failure?.status ?? 200, { "content-type": "application/x-amz-json-1.0" });
    response.end(JSON.stringify(answer));
  }

  async #answer(target: string, body: ReceiveRequest & DeleteRequest): Promise<object> {
    if (target === "AmazonSQS.ReceiveMessage") return await this.#receive(body);
    if (target !== "AmazonSQS.DeleteMessageBatch") throw new Error(`unexpected ${target}`);
    const { Entries: entries = [] } = body;
    for (const { ReceiptHandle } of entries) this.#messages.delete(ReceiptHandle);
    return { Successful: entries.map(({ Id }) => ({ Id })), Failed: [] };
  }

  async #receive(request: ReceiveRequest): Promise<object> {
    const untilMs = Date.now() + 1000 * (request.WaitTimeSeconds ?? 0);
    for (;;) {
      const nowMs = Date.now();
      const found = [...this.#messages.values()]
        .filter(({ visibleAtMs }) => visibleAtMs <= nowMs)
        .slice(0, request.MaxNumberOfMessages ?? 1);
      if (found.length > 0 || nowMs >= untilMs || !this.#server.listening) {
        return { Messages: found.map((message) => this.#hand(message, request)) };
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  #hand(message: Waiting, { VisibilityTimeout = 30 }: ReceiveRequest): object {
    message.visibleAtMs = Date.now() + 1000 * VisibilityTimeout;
    message.receives += 1;
    const { id, body } = message;
    const digest = createHash("md5").update(body).digest("hex");
    return { MessageId: id, ReceiptHandle: id, Body: body, MD5OfBody: digest };
  }
}

interface DeleteRequest {
  readonly Entries?: readonly { readonly Id: string; readonly ReceiptHandle: string }[];
}
