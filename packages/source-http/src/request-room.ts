import type { FastifyRequest } from "fastify";
import type { HttpLimits } from "./http-options.ts";
import { Problem } from "./problem.ts";

/** Base64 is a third longer than what it stands for; the rest is JSON around it. */
export const BASE64_FACTOR = 1.4;

/**
 * Room for requests, by number and, where a body has to be in memory whole (JSON), by bytes. Everything else goes to the disk as it
 * comes.
 */
export class RequestRoom {
  readonly #limits: HttpLimits;
  /** Those that are inside, with the bytes of memory that were kept free for each. */
  readonly #inside = new WeakMap<FastifyRequest, number>();
  #requests = 0;
  #bytes = 0;

  constructor(limits: HttpLimits) {
    this.#limits = limits;
  }

  /** @throws Problem 503 when there is none, 413 when there never will be */
  enter(request: FastifyRequest): void {
    const { maxRequests, maxBytes, maxFiles, maxJsonBytesInFlight } = this.#limits;
    if (request.method === "POST" && this.#requests >= maxRequests) {
      throw busy(`${maxRequests} requests are answered at a time`);
    }
    const announced = Number(request.headers["content-length"] ?? 0);
    if (announced > maxBytes * maxFiles * BASE64_FACTOR) {
      throw new Problem(
        413,
        "UPLOAD_TOO_LARGE",
        `${announced} bytes are more than a request may have`,
      );
    }
    const bytes = this.#memoryOf(request, announced);
    // One is let in however large it is, or it would never be.
    if (bytes > 0 && this.#bytes > 0 && this.#bytes + bytes > maxJsonBytesInFlight) {
      throw busy("too many bytes of JSON are under way; a form or the plain bytes need no memory");
    }
    this.#requests += 1;
    this.#bytes += bytes;
    this.#inside.set(request, bytes);
  }

  /** May be called twice, and for requests that did not get in. */
  leave(request: FastifyRequest): void {
    const bytes = this.#inside.get(request);
    if (bytes === undefined) return;
    this.#inside.delete(request);
    this.#requests -= 1;
    this.#bytes -= bytes;
  }

  #memoryOf({ headers }: FastifyRequest, announced: number): number {
    if (headers["content-type"]?.startsWith("application/json") !== true) return 0;
    const largest = Math.ceil(this.#limits.maxBytes * BASE64_FACTOR);
    return headers["content-length"] === undefined ? largest : Math.min(announced, largest);
  }
}

function busy(detail: string): Problem {
  return new Problem(503, "BUSY", detail, { retryAfterSeconds: 1 });
}
