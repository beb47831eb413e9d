import { chmod, lstat, rm } from "node:fs/promises";
import { connect, createServer, type ListenOptions, type Server } from "node:net";
import { Connection, type ConnectionParts } from "./serve-connection.ts";

/** Where a listener listens: an address and port, or a unix socket with its mode. */
export type ClamdAddress =
  | { readonly host: string; readonly port: number }
  | { readonly socketPath: string; readonly mode: number };

export interface ClamdServer extends AsyncDisposable {
  /** Null for a unix socket. */
  readonly port: number | null;
}

/** Thrown at start when the port or socket cannot be used. */
export class ClamdListenError extends Error {
  override readonly name = "ClamdListenError";
  readonly code = "CLAMD_UNAVAILABLE";
  readonly retryable = false;
  readonly exitCode = 78;
}

/**
 * Listens as clamd does. A socket file that nobody listens on any more is taken over; one that somebody does is an error.
 *
 * @throws ClamdListenError
 */
export async function startClamdServer(
  address: ClamdAddress,
  parts: ConnectionParts,
): Promise<ClamdServer> {
  // Clients end their side when they have said all, and still want the answer.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on("error", () => undefined); // whoever reads or writes learns of it
    void new Connection(socket, parts).serve().catch((error: unknown) => {
      parts.events.failed(error);
      socket.destroy();
    });
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  const open = new Set<{ destroy(): void }>();
  server.maxConnections = parts.limits.maxConnections;
  server.on("drop", () => parts.events.dropped({ reason: "too-many-connections" }));
  if ("socketPath" in address) await removeStale(address.socketPath);
  await listen(server, "socketPath" in address ? { path: address.socketPath } : address);
  if ("socketPath" in address) await chmod(address.socketPath, address.mode);
  const listening = server.address();
  return {
    port: typeof listening === "object" && listening !== null ? listening.port : null,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

async function listen(server: Server, options: ListenOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const where = options.path ?? `${options.host}:${options.port}`;
      reject(
        new ClamdListenError(
          `the clamd listener cannot use ${where} (${error.code ?? error.message}): choose another address, or stop the program that has it`,
          { cause: error },
        ),
      );
    });
    server.listen(options, resolve);
  });
}

/** A killed process leaves its socket behind. */
async function removeStale(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null); // absent: nothing to remove
  if (found === null) return;
  if (found.isSocket() && !(await answers(path))) return await rm(path);
  throw new ClamdListenError(
    `the clamd listener cannot use ${path}: ${found.isSocket() ? "another program listens there" : "it is no socket"}; choose another path`,
  );
}

async function answers(path: string): Promise<boolean> {
  return await new Promise<boolean>((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
