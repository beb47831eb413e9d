import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** Listens on an address and hands every connection on to another one: a server becomes reachable from another network. */
export async function startRelay(
  host: string,
  to: { readonly host: string; readonly port: number },
): Promise<{ readonly port: number } & AsyncDisposable> {
  const open = new Set<Socket>();
  const server = createServer((inner) => {
    const outer = connect(to.port, to.host);
    for (const [one, other] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      open.add(one);
      one.on("error", () => other.destroy());
      one.once("close", () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  server.listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, "close");
    },
  };
}
