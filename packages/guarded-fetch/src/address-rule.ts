import ipaddr from "ipaddr.js";

/** Whether a connection to this address may be made. */
export type AddressRule = (address: string) => boolean;

/**
 * Ordinary addresses of the public internet and nothing else: not this machine, not its networks, no tunnels into them (6to4, NAT64,
 * IPv4 in IPv6), no documentation or reserved ranges. What cannot be parsed is not permitted either.
 */
export function isPublicAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === "unicast";
}
