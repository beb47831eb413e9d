import type { IncomingMessage } from "node:http";

/** A request's whole body, without the framing in which checksums travel behind it. Throws when it breaks off. */
export async function readRequestBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part));
  const body = Buffer.concat(parts);
  const hash = String(request.headers["x-amz-content-sha256"] ?? "");
  return hash.startsWith("STREAMING-") ? unframe(body) : body;
}

function unframe(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = body.indexOf("\r\n", at);
    if (end === -1) throw new Error("a chunk of the body has no end");
    const size = Number.parseInt(body.toString("latin1", at, end), 16);
    if (size === 0) return Buffer.concat(parts);
    parts.push(body.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}
