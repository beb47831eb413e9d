import { isIP } from "node:net";
import { buildConnector } from "undici";
import type { AddressRule } from "./address-rule.ts";
import { FetchRefusedError } from "./fetch-error.ts";

/** All addresses of a name, as the system resolves it. */
export type Lookup = (hostname: string) => Promise<readonly string[]>;

/**
 * Connects only to addresses that were checked. A name is resolved once, every address that it has must be permitted, and the
 * connection goes to the very address that was checked: a name that is resolved again for connecting may have another one by then (DNS
 * rebinding). Addresses that stand in the URL itself never reach a resolver, which is why a hook there would not see them: in a trial it
 * let 10 of 11 spellings of this machine through.
 */
export function createPinnedConnector({
  lookup,
  isPermitted,
  timeoutMs,
}: {
  readonly lookup: Lookup;
  readonly isPermitted: AddressRule;
  readonly timeoutMs: number;
}): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMs, allowH2: false });
  const pin = async (options: buildConnector.Options): Promise<buildConnector.Options> => {
    const hostname = options.hostname.replace(/^\[(.*)\]$/u, "$1");
    const isName = isIP(hostname) === 0;
    const addresses = isName ? await lookup(hostname) : [hostname];
    const [first] = addresses;
    if (first === undefined || !addresses.every(isPermitted)) {
      throw new FetchRefusedError(
        "private-address",
        `${hostname} leads to an address that is not public, or to none`,
      );
    }
    // For TLS the name stays what it was: the certificate is of the name, not of the address.
    const servername = options.servername ?? (isName ? hostname : undefined);
    const pinned = { ...options, hostname: first };
    return servername === undefined ? pinned : { ...pinned, servername };
  };
  const connectPinned: ConnectPinned = async (options, callback) => {
    let pinned: buildConnector.Options;
    try {
      pinned = await pin(options);
    } catch (error) {
      return callback(error instanceof Error ? error : new Error(String(error)), null);
    }
    connect(pinned, callback);
  };
  return (options, callback) => void connectPinned(options, callback);
}

type ConnectPinned = (...args: Parameters<buildConnector.connector>) => Promise<void>;
