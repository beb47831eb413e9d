import {
  HubAccessError,
  HubResponseError,
  HubUnavailableError,
  ModelNotFoundError,
  type ModelHubError,
} from "../model-hub-error.ts";

export interface Asked {
  /** The repository, file or address in the words of the person. */
  readonly what: string;
  readonly host: string;
  readonly hasToken: boolean;
}

/** The error that a status other than success means. */
export function explainStatus(response: Response, { what, host, hasToken }: Asked): ModelHubError {
  const { status } = response;
  const answered = `${what}: ${host} answers ${status}`;
  const detail = response.headers.get("x-error-message")?.slice(0, 200);
  const said = detail === undefined ? answered : `${answered} (${detail})`;
  if (status === 401 || status === 403) {
    return new HubAccessError(
      hasToken
        ? `${said}: HF_TOKEN was sent and has no access; accept the model's conditions on its page, or use a token that may read it`
        : `${said}: there is no such model, or it wants a token; check the name, or set HF_TOKEN`,
    );
  }
  if (status === 404 || status === 410) {
    return new ModelNotFoundError(`${said}: not found; check the name and the revision`);
  }
  if (status === 408 || status === 429 || status >= 500) {
    const seconds = /^\d{1,5}$/u.exec(response.headers.get("retry-after") ?? "")?.[0];
    const when = seconds === undefined ? "later" : `in ${seconds} s`;
    return new HubUnavailableError(`${said}: try again ${when}`);
  }
  return new HubResponseError(`${said}, which was not expected`);
}
