import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";

/** So many ports of this host that nobody uses, for servers that cannot be told to choose one. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map(async (server) => await once(server, "listening")));
  const ports = servers.map((server) => readPort(server.address()));
  await Promise.all(servers.map(async (server) => await once(server.close(), "close")));
  return ports;
}

function readPort(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("expected a port");
  return address.port;
}
