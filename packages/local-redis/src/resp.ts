import { createConnection } from "node:net";

/**
 * Sends one command (after AUTH) over a connection of its own and gives the first line of the reply to it. Enough
 * to ask whether a server of ours is up and to stop it; everything else goes through the queue package's client.
 */
export async function askRedis(
  server: { port: number; password: string; timeoutMs: number },
  command: readonly string[],
): Promise<string> {
  return await new Promise((resolve, reject) => {
    const socket = createConnection({ host: "127.0.0.1", port: server.port });
    let text = "";
    socket.setTimeout(server.timeoutMs, () => socket.destroy(new Error("timed out")));
    socket.on("connect", () => socket.write(encode(["AUTH", server.password]) + encode(command)));
    socket.on("data", (chunk) => {
      text += chunk.toString("utf8");
      const [auth, reply] = text.split("\r\n");
      if (auth?.startsWith("-") === true) socket.destroy(new Error(auth));
      else if (reply !== undefined && reply !== "") {
        resolve(reply);
        socket.end();
      }
    });
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("closed without a reply")));
  });
}

function encode(words: readonly string[]): string {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return `*${words.length}\r\n${parts.join("")}`;
}
