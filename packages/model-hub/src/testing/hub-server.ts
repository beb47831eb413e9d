import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { isDeepStrictEqual } from "node:util";

export const COMMIT = "0123456789abcdef0123456789abcdef01234567";

/** What a client asked, as far as tests care. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly authorization: string | undefined;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

interface Fault {
  readonly part: string;
  readonly answer: Answer;
  left: number;
}

interface StoredFile {
  readonly bytes: Buffer;
  /** Kept by its SHA-256, as the hub keeps large files; else by its git id. */
  readonly isLarge: boolean;
}

/**
 * Speaks the parts of the Hugging Face hub's API that a download needs, on a real port of this machine: revision,
 * paths-info, tree, and resolve with ETag, X-Repo-Commit, X-Linked-Etag, X-Linked-Size, ranges and If-Range. Plain
 * files stand beside the repositories, as on download.pytorch.org.
 */
export class HubServer implements AsyncDisposable {
  readonly seen: Seen[] = [];
  /** Without it in `Authorization` everything answers 401. */
  token: string | null = null;
  readonly #server: Server;
  readonly #repos = new Map<string, Map<string, StoredFile>>();
  readonly #plain = new Map<string, Buffer>();
  readonly #faults: Fault[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<HubServer> {
    const server = createServer();
    const hub = new HubServer(server);
    server.on("request", (request, response) => hub.#answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return hub;
  }

  get host(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("not listening");
    return `127.0.0.1:${address.port}`;
  }

  get url(): string {
    return `http://${this.host}`;
  }

  addRepo(repo: string, files: Readonly<Record<string, string | Uint8Array>>): void {
    const stored = Object.entries(files).map(([path, content]): [string, StoredFile] => [
      path,
      { bytes: Buffer.from(content), isLarge: /\.(?:safetensors|onnx|onnx_data)$/u.test(path) },
    ]);
    this.#repos.set(repo, new Map(stored));
  }

  addPlain(path: string, bytes: Buffer): void {
    this.#plain.set(path, bytes);
  }

  /** Requests whose path holds `part` get this answer instead, so many times. */
  misbehave(part: string, answer: Answer, times = Number.POSITIVE_INFINITY): void {
    this.#faults.push({ part, answer, left: times });
  }

  /** Requests whose path holds `part`. */
  asked(part: string): readonly Seen[] {
    return this.seen.filter((seen) => seen.path.includes(part));
  }

  dropConnections(): void {
    this.#server.closeAllConnections();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = new URL(request.url ?? "/", this.url).pathname;
    const { range, authorization, "if-range": ifRange } = request.headers;
    const method = request.method ?? "";
    this.seen.push({
      method,
      path,
      range,
      authorization,
      ifRange: typeof ifRange === "string" ? ifRange : undefined,
    });
    const fault = this.#faults.find(({ part, left }) => left > 0 && path.includes(part));
    if (fault !== undefined) {
      fault.left -= 1;
      fault.answer(request, response);
      return;
    }
    if (this.token !== null && authorization !== `Bearer ${this.token}`) {
      response.writeHead(401, { "x-error-message": "Invalid username or password." }).end();
      return;
    }
    const plain = this.#plain.get(path);
    if (plain === undefined) this.#answerHub(path, request, response);
    else sendBytes(request, response, plain, { etag: `"${sha256(plain).slice(0, 32)}"` });
  }

  #answerHub(path: string, request: IncomingMessage, response: ServerResponse): void {
    const api = /^\/api\/models\/([^/]+\/[^/]+)\/(revision|tree|paths-info)\/([^/]+)$/u.exec(path);
    const [, repo = "", verb = "", revision = ""] = api ?? [];
    if (verb !== "") {
      const files = this.#repos.get(repo);
      if (files === undefined || !["main", "v1.0", COMMIT].includes(decodeURIComponent(revision))) {
        response.writeHead(404, { "x-error-code": "RepoNotFound" }).end();
      } else if (verb === "revision") {
        sendJson(response, { _id: "1", id: repo, sha: COMMIT, lastModified: "2025-01-01" });
      } else if (verb === "tree") {
        sendJson(response, [...files].map(describe));
      } else {
        answerPathsInfo(request, response, files);
      }
      return;
    }
    const [, owner = "", path_ = ""] =
      /^\/([^/]+\/[^/]+)\/resolve\/[0-9a-f]{40}\/(.+)$/u.exec(path) ?? [];
    const file = this.#repos.get(owner)?.get(decodeURIComponent(path_));
    if (file === undefined) {
      response.writeHead(404, { "x-error-code": "EntryNotFound" }).end();
      return;
    }
    const id = file.isLarge ? sha256(file.bytes) : gitId(file.bytes);
    const etag = `"${id}"`;
    sendBytes(request, response, file.bytes, {
      etag,
      "x-repo-commit": COMMIT,
      "x-linked-etag": etag,
      "x-linked-size": String(file.bytes.length),
    });
  }
}

function answerPathsInfo(
  request: IncomingMessage,
  response: ServerResponse,
  files: ReadonlyMap<string, StoredFile>,
): void {
  let body = "";
  request.on("data", (chunk: Buffer) => {
    body += chunk.toString();
  });
  request.on("end", () => {
    const asked: unknown = JSON.parse(body);
    const isRight =
      typeof asked === "object" &&
      asked !== null &&
      "paths" in asked &&
      Array.isArray(asked.paths) &&
      isDeepStrictEqual(Object.keys(asked), ["paths"]);
    if (!isRight) response.writeHead(400).end();
    else
      sendJson(response, [...files].filter(([path]) => body.includes(`"${path}"`)).map(describe));
  });
}

function describe([path, { bytes, isLarge }]: [string, StoredFile]): object {
  const size = bytes.length;
  const oid = gitId(bytes);
  const lfs = { oid: sha256(bytes), size, pointerSize: 134 };
  return { type: "file", path, size, oid, ...(isLarge ? { lfs, xetHash: "f".repeat(64) } : {}) };
}

/** 206 for a range that If-Range still allows, 416 beyond the end, else 200. */
export function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Buffer,
  headers: Readonly<Record<string, string>>,
): void {
  const { range, "if-range": ifRange } = request.headers;
  const isSame = ifRange === undefined || ifRange === headers["etag"];
  const first = isSame ? Number(/^bytes=(\d+)-$/u.exec(range ?? "")?.[1] ?? 0) : 0;
  if (first >= bytes.length && first > 0) {
    response.writeHead(416, { "content-range": `bytes */${bytes.length}` }).end();
    return;
  }
  const rest = bytes.subarray(first);
  const part = { "content-range": `bytes ${first}-${bytes.length - 1}/${bytes.length}` };
  const length = { "content-length": String(rest.length) };
  response.writeHead(first > 0 ? 206 : 200, { ...headers, ...length, ...(first > 0 ? part : {}) });
  response.end(request.method === "HEAD" ? undefined : rest);
}

/** Announces a whole body, sends so many bytes of it, and then nothing more. */
export function sendPart(
  bytes: Buffer,
  { sent, etag }: { sent: number; etag: string | null },
): Answer {
  return (_, response) => {
    const length = { "content-length": String(bytes.length) };
    response.writeHead(200, etag === null ? length : { ...length, etag });
    response.write(bytes.subarray(0, sent));
  };
}

export function redirectTo(location: string, status = 302): Answer {
  return (_, response) => {
    response.writeHead(status, { location }).end();
  };
}

export function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
}

export function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export function gitId(bytes: Buffer): string {
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}
