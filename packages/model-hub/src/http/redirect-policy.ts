import { HubResponseError, RedirectRefusedError } from "../model-hub-error.ts";

export const MAX_REDIRECTS = 5;
/**
 * Where huggingface.co keeps large files: cdn-lfs*.hf.co, cas-bridge.xethub.hf.co, cdn-lfs*.huggingface.co. Both
 * domains are Hugging Face's own.
 */
const HUB_STORES = [".hf.co", ".huggingface.co"];
const HUB_HOSTS = new Set(["huggingface.co", "hf.co"]);

/**
 * The address that a redirect leads to.
 *
 * @param from where the redirect came from
 * @param allowedHosts beside the first host and the hub's own stores: `name`, `name:port` or `.suffix`
 * @throws RedirectRefusedError for another host, from https to http, or with a user name in it
 */
export function followRedirect(
  from: URL,
  location: string | null,
  { firstHost, allowedHosts }: { firstHost: string; allowedHosts: readonly string[] },
): URL {
  const to = URL.parse(location ?? "", from.href);
  if (location === null || to === null) {
    throw new HubResponseError(`${from.host} redirects without an address: ${from.pathname}`);
  }
  if (to.protocol !== "https:" && (to.protocol !== "http:" || from.protocol === "https:")) {
    throw new RedirectRefusedError(
      `${from.host} redirects ${from.pathname} from ${from.protocol}// to ${to.protocol}//${to.host}, which could be changed on the way; nothing was fetched from there`,
    );
  }
  if (to.username !== "" || to.password !== "") {
    throw new RedirectRefusedError(`${from.host} redirects to ${to.host} with a user name`);
  }
  const stores = HUB_HOSTS.has(firstHost) ? HUB_STORES : [];
  if (to.host === firstHost || [...stores, ...allowedHosts].some((rule) => isOf(to, rule))) {
    return to;
  }
  throw new RedirectRefusedError(
    `${firstHost} redirects ${from.pathname} to ${to.host}, which is not on the list of hosts; if that is right, set SLUICE_HUB_REDIRECT_HOSTS=${to.host}`,
  );
}

function isOf(url: URL, rule: string): boolean {
  return rule.startsWith(".")
    ? url.hostname.endsWith(rule)
    : [url.host, url.hostname].includes(rule);
}
