import type { Socket } from "node:net";
import { Problem } from "./problem.ts";

/**
 * Answers what never became a request, or did not arrive whole in time, as Node tells it: in the form of every other error, on
 * the bare socket.
 *
 * @returns the reason, or null when the client just went away
 */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): string | null {
  const problem = toProblem(error.code ?? "");
  if (problem === null || !socket.writable) {
    socket.destroy();
    return problem?.code ?? null;
  }
  const body = JSON.stringify(problem.toBody());
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.toBody().title}`,
    "content-type: application/problem+json",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  // What the client still sends is not read; `end` lets it hear why.
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
  socket.resume();
  return problem.code;
}

function toProblem(code: string): Problem | null {
  switch (code) {
    case "ECONNRESET":
      return null;
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new Problem(408, "REQUEST_SLOW", "the request did not arrive whole in time");
    case "HPE_INVALID_EOF_STATE":
      return new Problem(400, "BODY_BROKEN", "the connection ended in the middle of a request");
    case "HPE_HEADER_OVERFLOW":
      return new Problem(431, "HEADERS_TOO_LARGE", "the headers are larger than 16 KiB");
    default:
      return new Problem(400, "REQUEST_BROKEN", "expected an HTTP request");
  }
}
