import { explainStatus } from "../http/refuse-status.ts";
import { openResponse, type Access } from "../http/open-response.ts";
import { readLimited } from "../http/read-limited.ts";
import { StallWatch } from "../http/stall-watch.ts";
import { HubResponseError } from "../model-hub-error.ts";

export interface Guard {
  /** The repository, for messages. */
  readonly what: string;
  /** Of the hub; nothing else is asked. */
  readonly origin: string;
  readonly access: Access;
  readonly maxBytes: number;
  readonly stallTimeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * A `fetch` to hand to @huggingface/hub. The library would follow every redirect and every `Link: …; rel="next"`
 * with the token in hand, read answers of any length and wait for ever; this one does none of that, and throws our
 * errors instead of answering with a status that means failure.
 */
export function guardedFetch(guard: Guard): typeof fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.origin !== guard.origin) {
      throw new HubResponseError(
        `${guard.what}: ${guard.origin} refers to ${url.origin} for the rest of a list, which is refused`,
      );
    }
    const { host } = url;
    using watch = new StallWatch(host, guard.stallTimeoutMs, guard.signal);
    const body = typeof init?.body === "string" ? { body: init.body } : {};
    const headers = Object.fromEntries(new Headers(init?.headers));
    const request = { url, method: init?.method ?? "GET", headers, ...body, signal: watch.signal };
    const response = await openResponse(request, guard.access);
    if (!response.ok) {
      await response.body?.cancel();
      const hasToken = guard.access.credentials !== null;
      throw explainStatus(response, { what: guard.what, host, hasToken });
    }
    const text = await readLimited(response, { host, maxBytes: guard.maxBytes, watch });
    if (!isJson(text)) throw new HubResponseError(`${guard.what}: ${host} answers no JSON`);
    const link = response.headers.get("link");
    return new Response(text, { headers: link === null ? {} : { link } });
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // The caller says so.
  }
}
