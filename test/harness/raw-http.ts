import { connect } from "node:net";

/** Sends bytes as they are, which no HTTP client would, and gives back what is answered until the connection ends. */
export async function sendRaw(port: number, request: Buffer | string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.end(request);
  let answer = "";
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}
