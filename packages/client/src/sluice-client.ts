import { SluiceError } from "./sluice-error.ts";
import type { Decision, Report, UploadResult } from "./upload-result.ts";

export interface ClientOptions {
  /** Address of the HTTP source: `https://host:port`. */
  readonly url: string | URL;
  /** Needed where keys are configured. */
  readonly key?: string;
  /** In place of the global `fetch`. */
  readonly fetch?: typeof fetch;
}

export interface ClassifyOptions {
  /** Milliseconds to wait for the answer; 0, the default: do not wait. */
  readonly waitMs?: number;
  /** Labels that are told, at most 10; 5 by default. */
  readonly top?: number;
  readonly signal?: AbortSignal;
}

/** The bytes of a picture. A stream is sent as it comes, and cannot be sent again. */
export type Picture = Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array>;

/** Asks a Sluice about pictures. Every call rejects with SluiceError when the answer is an error. */
export class SluiceClient {
  readonly #url: URL;
  readonly #key: string | null;
  readonly #fetch: typeof fetch;

  constructor({ url, key, fetch: given = fetch }: ClientOptions) {
    this.#url = new URL(url);
    this.#key = key ?? null;
    this.#fetch = given;
  }

  /** Sends a picture. Its result is `pending` unless the answer came within `waitMs`. */
  async classify(picture: Picture, options: ClassifyOptions = {}): Promise<UploadResult> {
    const type = { "content-type": "application/octet-stream" };
    const response = await this.#ask("/v1/classify", options, {
      method: "POST",
      body: picture,
      headers: type,
      // Streams have no length; browsers and Node want to be told that the answer comes afterwards.
      ...(picture instanceof ReadableStream && { duplex: "half" as const }),
    });
    return await readJson<UploadResult>(response);
  }

  /** Sends several pictures in one request, by name; one that is refused costs only itself. */
  async classifyAll(
    pictures: Iterable<readonly [filename: string, picture: Uint8Array<ArrayBuffer> | Blob]>,
    options: ClassifyOptions = {},
  ): Promise<readonly Report[]> {
    const form = new FormData();
    for (const [filename, picture] of pictures) {
      form.append("image", picture instanceof Blob ? picture : new Blob([picture]), filename);
    }
    const response = await this.#ask("/v1/classify", options, { method: "POST", body: form });
    const body = await readJson<UploadResult | { readonly results: readonly Report[] }>(response);
    return "results" in body ? body.results : [body];
  }

  /** What became of an upload; waits for its answer up to `waitMs`. */
  async status(id: string, options: ClassifyOptions = {}): Promise<UploadResult> {
    const response = await this.#ask(`/v1/uploads/${encodeURIComponent(id)}`, options, {});
    return await readJson<UploadResult>(response);
  }

  /** May it be public? Anything but a plain yes is no, with what was decided. */
  async scan(
    picture: Picture,
    options: Pick<ClassifyOptions, "signal"> = {},
  ): Promise<{ readonly isAllowed: boolean; readonly decision: Decision }> {
    const init = {
      method: "POST",
      body: picture,
      headers: { "content-type": "application/octet-stream" },
    };
    const response = await this.#send("/v1/scan", options, {
      ...init,
      ...(picture instanceof ReadableStream && { duplex: "half" as const }),
    });
    const decision = DECISIONS.find((known) => known === response.headers.get("x-sluice-decision"));
    if (decision === undefined) throw await SluiceError.from(response);
    await response.body?.cancel();
    return { isAllowed: response.status === 204, decision };
  }

  async #ask(path: string, options: ClassifyOptions, init: RequestInit): Promise<Response> {
    const response = await this.#send(path, options, init);
    if (response.ok) return response;
    throw await SluiceError.from(response);
  }

  async #send(path: string, options: ClassifyOptions, init: RequestInit): Promise<Response> {
    const url = new URL(path, this.#url);
    if (options.waitMs !== undefined) url.searchParams.set("wait", String(options.waitMs));
    if (options.top !== undefined) url.searchParams.set("top", String(options.top));
    const headers = new Headers(init.headers);
    if (this.#key !== null) headers.set("authorization", `Bearer ${this.#key}`);
    const { signal } = options;
    return await this.#fetch(url, { ...init, headers, ...(signal && { signal }) });
  }
}

const DECISIONS: readonly Decision[] = ["allow", "review", "quarantine", "gone"];

/** What the API promises; its own tests hold it to these shapes, so that a client need not carry a checker. */
async function readJson<T>(response: Response): Promise<T> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return (await response.json()) as T;
}
