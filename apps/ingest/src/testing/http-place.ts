import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { UploadPlace } from "./upload-conformance.ts";

/** An HTTP source with a spool of its own, and an application that sends to it. */
export async function makeHttpPlace(): Promise<UploadPlace> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-spool-"));
  const port = await freePort();
  const head = { "content-type": "image/jpeg" };
  return {
    // Nothing is listed here.
    settings: { root: { folder }, source: { kind: "http", port, reconcileEveryMs: undefined } },
    async upload(content) {
      const url = `http://127.0.0.1:${port}/v1/classify`;
      const response = await fetch(url, { method: "POST", headers: head, body: content });
      if (response.status !== 202) throw new Error(await response.text());
      await response.arrayBuffer();
    },
    async breakOff() {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => undefined); // it may be ended under our hands
      socket.end(
        "POST /v1/classify HTTP/1.1\r\nhost: x\r\ncontent-type: image/png\r\ncontent-length: 9\r\n\r\nhalf",
      );
      socket.resume();
      await once(socket, "close");
    },
    [Symbol.asyncDispose]: async () => await rm(folder, { recursive: true }),
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("expected a port");
  return address.port;
}
