import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { problemSchema } from "./problem.ts";
import { LIMITS, openApi, type OpenedApi } from "./testing/open-api.ts";

const BOUNDARY = "x-boundary";
const part = (name: string, content: string, more = "") =>
  `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"${more}\r\n\r\n${content}\r\n`;
const file = (name: string, content: string) => part("image", content, `; filename="${name}"`);
const END = `--${BOUNDARY}--\r\n`;

function dial({ url }: OpenedApi): Socket {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.on("error", () => undefined); // the other side may hang up while we write
  return socket;
}

interface Raw {
  readonly body: string;
  readonly type?: string;
  /** Announced; the body's own by default. */
  readonly length?: number | string;
}

function ask({ body, type = `multipart/form-data; boundary=${BOUNDARY}`, length }: Raw): string {
  const announced = length ?? Buffer.byteLength(body);
  return `POST /v1/classify HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: ${type}\r\ncontent-length: ${announced}\r\n\r\n${body}`;
}

/** Status and code of the answer to bytes as they are. Whoever sent less than they announced ends their side. */
async function answerTo(api: OpenedApi, bytes: string): Promise<[number, string | null]> {
  const socket = dial(api);
  socket.write(bytes, "latin1");
  if (bytes.endsWith("half")) socket.end();
  const answer = await text(socket);
  const [head = "", ...rest] = answer.split("\r\n\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3})/u.exec(head)?.[1] ?? 0);
  const problem = problemSchema.safeParse(
    JSON.parse(/\{.*\}/su.exec(rest.join(""))?.[0] ?? "null"),
  );
  return [status, problem.data?.code ?? null];
}

test.each<[string, string, number, string]>([
  ["a thousand fields", ask({ body: part("f", "x").repeat(1000) + END }), 413, "TOO_MANY_PARTS"],
  [
    "two thousand headers in one part",
    ask({ body: `--${BOUNDARY}\r\n${"a: b\r\n".repeat(5000)}\r\n\r\nx\r\n${END}` }),
    400,
    "UPLOAD_MISSING",
  ],
  ["a form that does not end", ask({ body: file("a", "x").slice(0, -2) }), 400, "BODY_BROKEN"],
  [
    "a form without a boundary",
    ask({ body: "x", type: "multipart/form-data" }),
    400,
    "BODY_BROKEN",
  ],
  ["a form of something else", ask({ body: "no form at all" }), 400, "BODY_BROKEN"],
  ["a field of 300 KB", ask({ body: part("f", "x".repeat(3e5)) + END }), 400, "UPLOAD_MISSING"],
  [
    "less than was announced",
    ask({ body: "half", type: "image/png", length: 100 }),
    400,
    "BODY_BROKEN",
  ],
  [
    "a length that is none",
    ask({ body: "x", type: "image/png", length: "-1" }),
    400,
    "REQUEST_BROKEN",
  ],
  ["more than anybody may send", ask({ body: "x", length: 1e12 }), 413, "UPLOAD_TOO_LARGE"],
  ["JSON that nests", ask({ body: "[".repeat(1e5), type: "application/json" }), 400, "BODY_BROKEN"],
  ["no HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n", 400, "REQUEST_BROKEN"],
  [
    "headers without end",
    `GET /health HTTP/1.1\r\nx: ${"y".repeat(20_000)}\r\n\r\n`,
    431,
    "HEADERS_TOO_LARGE",
  ],
  [
    "a path that cannot be decoded",
    "GET /%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    400,
    "REQUEST_INVALID",
  ],
])(
  "%s leaves no upload, is answered, counted, and hurts nobody else",
  async (_, bytes, status, code) => {
    const api = await openApi();
    expect(await answerTo(api, bytes)).toEqual([status, code]);
    expect(api.refusals).toEqual([code]);
    expect(api.desk.received).toEqual([]);
    expect((await fetch(`${api.url}/health`)).status).toBe(200);
  },
);

test("who sends slowly is ended when the time for a request is over, and counted", async () => {
  const api = await openApi({ limits: { ...LIMITS, requestTimeoutMs: 300 } });
  for (const slow of ["POST /v1/cl", ask({ body: "slowly", type: "image/png", length: 100 })]) {
    const socket = dial(api);
    socket.write(slow);
    socket.resume();
    await once(socket, "close");
  }
  expect(api.desk.received).toEqual([]);
  await expect
    .poll(() => api.refusals.filter((reason) => reason === "REQUEST_SLOW"))
    .toHaveLength(2);
});

test("connections above the limit are dropped, and counted; the others go on", async () => {
  const api = await openApi({ limits: { ...LIMITS, maxConnections: 2 } });
  const held = [dial(api), dial(api)];
  await Promise.all(held.map(async (socket) => await once(socket, "connect")));
  const third = dial(api);
  third.resume();
  await once(third, "close");
  expect(api.refusals).toEqual(["TOO_MANY_CONNECTIONS"]);
  for (const socket of held) socket.destroy();
  await expect
    .poll(async () => (await fetch(`${api.url}/health`).catch(() => null))?.status)
    .toBe(200);
});
