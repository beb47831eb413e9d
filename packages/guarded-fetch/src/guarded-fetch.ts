import { lookup as systemLookup } from "node:dns/promises";
import { Agent, request, type Dispatcher } from "undici";
import { isPublicAddress, type AddressRule } from "./address-rule.ts";
import { FetchFailedError, FetchRefusedError } from "./fetch-error.ts";
import { createPinnedConnector, type Lookup } from "./pinned-connector.ts";

export interface GuardedFetchOptions {
  /** Origins such as `https://img.example.org`; nothing else is fetched, not by a redirect either. */
  readonly origins: readonly string[];
  readonly maxBytes: number;
  readonly maxRedirects: number;
  readonly connectTimeoutMs: number;
  /** From the beginning to the last byte, redirects included. */
  readonly timeoutMs: number;
  readonly lookup?: Lookup;
  readonly isPermitted?: AddressRule;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const MAX_HEADER_BYTES = 16 << 10;

/**
 * Fetches addresses that strangers may have chosen. Only http and https, only origins of a list, only addresses of the public internet,
 * each connection to the address that was checked; redirects are followed by hand, each checked like the first. No proxies of the
 * environment, no cookies, no credentials.
 */
export class GuardedFetch implements AsyncDisposable {
  readonly #options: GuardedFetchOptions;
  readonly #origins: ReadonlySet<string>;
  readonly #agent: Agent;

  constructor(options: GuardedFetchOptions) {
    this.#options = options;
    this.#origins = new Set(options.origins.map((origin) => new URL(origin).origin));
    this.#agent = new Agent({
      connect: createPinnedConnector({
        lookup: options.lookup ?? resolveAll,
        isPermitted: options.isPermitted ?? isPublicAddress,
        timeoutMs: options.connectTimeoutMs,
      }),
      headersTimeout: options.timeoutMs,
      bodyTimeout: options.timeoutMs,
      maxHeaderSize: MAX_HEADER_BYTES,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }

  /** The bytes of what lies there. Throws FetchRefusedError, FetchFailedError, or the signal's reason, also in mid-read. */
  async *read(address: string, stop: AbortSignal): AsyncGenerator<Uint8Array, void> {
    const { timeoutMs, maxBytes } = this.#options;
    const signal = AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]);
    try {
      const body = await this.#open(address, signal);
      let taken = 0;
      for await (const chunk of body) {
        if (!(chunk instanceof Uint8Array)) continue;
        taken += chunk.length;
        if (taken > maxBytes) throw tooLarge(maxBytes);
        yield chunk;
      }
    } catch (error) {
      throw translate(error, stop);
    }
  }

  /** The body of the answer at the end of the redirects. */
  async #open(address: string, signal: AbortSignal): Promise<Dispatcher.ResponseData["body"]> {
    const { maxRedirects, maxBytes } = this.#options;
    let url = this.#check(address);
    for (let hop = 0; ; hop++) {
      const answer = await request(url, { dispatcher: this.#agent, signal, method: "GET" });
      const { statusCode: status, headers, body } = answer;
      if (status === 200) {
        if (Number(headers["content-length"] ?? 0) <= maxBytes) return body;
        discard(body);
        throw tooLarge(maxBytes);
      }
      discard(body);
      const { location } = headers;
      if (REDIRECTS.has(status) && typeof location === "string") {
        if (hop >= maxRedirects) {
          throw new FetchRefusedError("redirects", `more than ${maxRedirects} redirects`);
        }
        url = this.#check(location, url);
      } else if (status === 429 || status >= 500) {
        throw new FetchFailedError(`${url.origin} answered ${status}`);
      } else {
        throw new FetchRefusedError("status", `${url.origin} answered ${status}, expected 200`);
      }
    }
  }

  #check(address: string, base?: URL): URL {
    if (!URL.canParse(address, base?.href)) {
      throw new FetchRefusedError("not-an-address", "expected an absolute address");
    }
    const url = new URL(address, base);
    if (url.protocol !== "http:" && url.protocol !== "https:") {
      throw new FetchRefusedError("scheme", `expected http or https, received ${url.protocol}`);
    }
    if (url.username !== "" || url.password !== "") {
      throw new FetchRefusedError("credentials", "expected no user and no password in an address");
    }
    if (!this.#origins.has(url.origin)) {
      throw new FetchRefusedError("origin", `${url.origin} is not on the list of origins`);
    }
    return url;
  }
}

async function resolveAll(hostname: string): Promise<readonly string[]> {
  const found = await systemLookup(hostname, { all: true, verbatim: true });
  return found.map(({ address }) => address);
}

/** A body that nobody reads would hold its connection. */
function discard(body: Dispatcher.ResponseData["body"]): void {
  body.on("error", () => undefined); // it is ended by us
  body.destroy();
}

function tooLarge(maxBytes: number): FetchRefusedError {
  return new FetchRefusedError("too-large", `more than ${maxBytes} bytes`);
}

function translate(error: unknown, stop: AbortSignal): unknown {
  if (error instanceof FetchRefusedError || error instanceof FetchFailedError) return error;
  if (stop.aborted) return stop.reason;
  const reason = error instanceof Error ? error.message : String(error);
  return new FetchFailedError(`it could not be fetched: ${reason}`, { cause: error });
}
