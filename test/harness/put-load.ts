import { once } from "node:events";
import { connect } from "node:net";

export interface PutLoad {
  readonly port: number;
  readonly count: number;
  readonly connections: number;
  /** Path below /dav/ of each. */
  readonly name: (index: number) => string;
}

/** Requests that one connection sends ahead of the answers. */
const PIPELINE = 32;

/** Uploads small files as fast as nginx takes them. Returns how many it has stored. */
export async function putMany({ port, count, connections, name }: PutLoad): Promise<number> {
  let next = 0;
  const work = async (): Promise<number> => {
    const socket = connect(port, "127.0.0.1");
    let stored = 0;
    let answered = 0;
    let sent = 0;
    const send = (): void => {
      let text = "";
      while (sent - answered < PIPELINE && next < count) {
        text += `PUT /dav/${name(next++)} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nabcd`;
        sent += 1;
      }
      if (text !== "") socket.write(text);
      else if (sent === answered) socket.end();
    };
    let rest = "";
    socket.on("data", (chunk) => {
      const text = rest + chunk.toString("latin1");
      const end = text.lastIndexOf("\r\n") + 2;
      rest = text.slice(end);
      for (const [, status] of text.slice(0, end).matchAll(/HTTP\/1\.1 (\d{3}) /gu)) {
        answered += 1;
        if (status === "201" || status === "204") stored += 1;
      }
      send();
    });
    await once(socket, "connect");
    send();
    await once(socket, "close");
    return stored;
  };
  const stored = await Promise.all(Array.from({ length: connections }, work));
  return stored.reduce((sum, part) => sum + part, 0);
}
