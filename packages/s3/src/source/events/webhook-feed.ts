import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { SourceName } from "@sluice/contracts";
import { isS3Failure } from "../../client/is-s3-failure.ts";
import type { EventOutcome, S3Events } from "../s3-events.ts";
import type { EventDesk } from "./event-desk.ts";
import type { EventFeed } from "./event-feed.ts";
import { hasSecret } from "./presented-secret.ts";
import { WebhookListenError } from "./webhook-error.ts";

export interface WebhookSettings {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** SHA-256 of the shared secret, in hexadecimal. */
  readonly secretSha256: string;
  /** Certificate and key as PEM text; null: plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** Largest message, in bytes. */
  readonly maxBytes: number;
  /** Messages that are dealt with at a time; more are answered 503. */
  readonly maxRequests: number;
  /** For a whole request to come in. */
  readonly requestTimeoutMs: number;
}

export interface WebhookFeedOptions {
  readonly source: SourceName;
  readonly settings: WebhookSettings;
  readonly desk: EventDesk;
  readonly events: Pick<S3Events, "eventTaken" | "webhookListening">;
  readonly onFailed: (error: unknown) => void;
}

/** What is answered, and what is told of it where the desk did not. */
interface Reply {
  readonly status: 200 | 400 | 401 | 405 | 413 | 503;
  readonly outcome?: EventOutcome;
}

/**
 * Takes notifications that servers send over HTTP. 2xx means that the journal has what the message told of; anything else makes its sender
 * send it again, and where it does not, the listing finds the same.
 */
export class WebhookFeed implements EventFeed {
  readonly #options: WebhookFeedOptions;
  readonly #server: Server;
  #inFlight = 0;
  /** Requests that are being answered, so that a stop can await them. */
  readonly #replies = new Set<Promise<void>>();

  constructor(options: WebhookFeedOptions) {
    const { tls, requestTimeoutMs: requestTimeout } = options.settings;
    this.#options = options;
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      const reply = this.#handle(request, response).finally(() => this.#replies.delete(reply));
      this.#replies.add(reply);
    };
    // How often Node looks for requests that are over their time.
    const connectionsCheckingInterval = Math.min(1000, requestTimeout);
    const limits = { requestTimeout, headersTimeout: requestTimeout, connectionsCheckingInterval };
    try {
      this.#server =
        tls === null
          ? createServer(limits, listener)
          : createTlsServer({ ...limits, ...tls }, listener);
    } catch (error) {
      throw this.#refuse("expected a certificate and its key as PEM", error);
    }
  }

  /** It listens, or could not be started. */
  get failure(): null {
    return null;
  }

  /** 0 before it listens. */
  get port(): number {
    const address = this.#server.address();
    return address === null || typeof address === "string" ? 0 : address.port;
  }

  /** @throws WebhookListenError */
  async start(): Promise<void> {
    const { host, port, tls } = this.#options.settings;
    try {
      this.#server.listen(port, host);
      await once(this.#server, "listening");
    } catch (error) {
      throw this.#refuse(`expected to listen on ${host}:${port}`, error);
    }
    const address = `${tls === null ? "http" : "https"}://${host}:${this.port}`;
    this.#options.events.webhookListening({ source: this.#options.source, address });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    // Whoever is not answered sends again; a request that never ends must not keep us.
    this.#server.closeAllConnections();
    await Promise.all(this.#replies);
    await closed;
  }

  #refuse(expected: string, cause: unknown): WebhookListenError {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new WebhookListenError(
      `sources "${this.#options.source}": webhook: ${expected} (${reason}); choose another address or port, or correct the files`,
      { cause },
    );
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { source, events } = this.#options;
    const reply = await this.#reply(request);
    if (reply === null) return void response.destroy();
    const { status, outcome } = reply;
    if (outcome !== undefined) events.eventTaken({ source, feed: "webhook", outcome });
    // A body that was not read to its end leaves the connection in a state that nothing can follow.
    const close = request.complete ? {} : { connection: "close" };
    response.writeHead(status, { "content-length": "0", ...close }).end();
  }

  /** Null: there is nobody to answer. */
  async #reply(request: IncomingMessage): Promise<Reply | null> {
    const { settings } = this.#options;
    if (request.method === "GET" || request.method === "HEAD") return { status: 200 }; // whether it is there
    if (request.method !== "POST" && request.method !== "PUT") return { status: 405 };
    if (!hasSecret(request, settings.secretSha256)) return { status: 401, outcome: "unauthorized" };
    if (this.#inFlight >= settings.maxRequests) return { status: 503, outcome: "busy" };
    this.#inFlight += 1;
    try {
      const text = await readText(request, settings.maxBytes);
      return text === null ? { status: 413, outcome: "too-large" } : await this.#take(text);
    } catch {
      return null; // the request broke off, or was too slow
    } finally {
      this.#inFlight -= 1;
    }
  }

  async #take(text: string): Promise<Reply> {
    try {
      return (await this.#options.desk.take("webhook", text)) === "done"
        ? { status: 200 }
        : { status: 400 };
    } catch (error) {
      if (!isS3Failure(error)) this.#options.onFailed(error);
      return { status: 503, outcome: "failed" };
    }
  }
}

/** Null: it is longer. */
async function readText(request: IncomingMessage, maxBytes: number): Promise<string | null> {
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) return null;
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    if (!Buffer.isBuffer(part)) throw new TypeError("expected bytes");
    length += part.length;
    if (length > maxBytes) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
