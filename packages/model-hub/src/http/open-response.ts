import { HubResponseError, HubUnavailableError, ModelHubError } from "../model-hub-error.ts";
import { followRedirect, MAX_REDIRECTS } from "./redirect-policy.ts";

/** Whom a request may talk to, and as whom. */
export interface Access {
  /** `Authorization` goes to this origin and nowhere else. */
  readonly credentials: { readonly origin: string; readonly token: string } | null;
  readonly redirectHosts: readonly string[];
}

export interface Request {
  readonly url: URL;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * Sends a request and follows its redirects, each of which must pass `followRedirect`. Status and body are the
 * caller's to judge.
 *
 * @throws RedirectRefusedError, HubUnavailableError without a connection, and the signal's reason
 */
export async function openResponse(request: Request, access: Access): Promise<Response> {
  const rules = { firstHost: request.url.host, allowedHosts: access.redirectHosts };
  let url = request.url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const response = await send({ ...request, url }, access);
    if (!REDIRECTS.has(response.status)) return response;
    await response.body?.cancel();
    url = followRedirect(url, response.headers.get("location"), rules);
  }
  throw new HubResponseError(
    `${request.url.host} redirects ${request.url.pathname} more than ${MAX_REDIRECTS} times`,
  );
}

async function send(
  { url, method = "GET", headers = {}, body, signal }: Request,
  { credentials }: Access,
): Promise<Response> {
  const isOurs = credentials !== null && credentials.origin === url.origin;
  try {
    return await fetch(url, {
      method,
      headers: { ...headers, ...(isOurs ? { authorization: `Bearer ${credentials.token}` } : {}) },
      redirect: "manual",
      signal,
      ...(body === undefined ? {} : { body }),
    });
  } catch (error) {
    throw explainTransportFailure(error, url.host, signal);
  }
}

/** What a failed connection or a broken-off body means; the signal's reason when it was aborted. */
export function explainTransportFailure(
  error: unknown,
  host: string,
  signal: AbortSignal,
): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof ModelHubError) return error;
  return new HubUnavailableError(
    `${host} cannot be reached (${describeCause(error)}); check the network, or use --offline with what is in the cache`,
    { cause: error },
  );
}

/** `fetch` says "fetch failed" and keeps what happened in its cause. */
function describeCause(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : null;
  return cause.message === "" ? (code ?? cause.name) : cause.message;
}
