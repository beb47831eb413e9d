import { createHash } from "node:crypto";
import {
  answerSchema,
  uploadIdSchema,
  sha256Schema,
  type Answer,
  type UploadId,
} from "@sluice/contracts";
import {
  newUploadId,
  UploadEmptyError,
  UploadsFullError,
  UploadTooLargeError,
  type UploadState,
} from "@sluice/sources";
import { onTestFinished } from "vitest";
import type { HttpLimits, HttpServerOptions } from "../http-options.ts";
import { startHttpServer } from "../http-server.ts";

export const MAX_BYTES = 100_000;

export const LIMITS: HttpLimits = {
  maxBytes: MAX_BYTES,
  maxFiles: 3,
  maxConnections: 100,
  maxRequests: 50,
  maxJsonBytesInFlight: 1_000_000,
  maxWaitMs: 2000,
  requestTimeoutMs: 5000,
};

/** A desk in memory: what begins with "bad" is forbidden, "odd" is no picture, "slow" is answered when `answer` says so. */
export class TestDesk {
  readonly received: string[] = [];
  isFull = false;
  readonly #answers = new Map<UploadId, Answer>();
  readonly #waiting = new Map<UploadId, (answer: Answer) => void>();
  readonly #slow: UploadId[] = [];

  async accept(bytes: AsyncIterable<Uint8Array>) {
    if (this.isFull) throw new UploadsFullError(7);
    const parts: Uint8Array[] = [];
    let sizeBytes = 0;
    for await (const part of bytes) {
      sizeBytes += part.length;
      if (sizeBytes > MAX_BYTES) throw new UploadTooLargeError(MAX_BYTES);
      parts.push(part);
    }
    if (sizeBytes === 0) throw new UploadEmptyError();
    const content = Buffer.concat(parts);
    const text = content.toString("latin1");
    this.received.push(text);
    const id = newUploadId();
    if (text.startsWith("bug")) throw new Error("/secret/path: a bug");
    if (text.startsWith("slow")) this.#slow.push(id);
    else this.#answers.set(id, answerTo(text));
    const sha256 = sha256Schema.parse(createHash("sha256").update(content).digest("hex"));
    return { id, sizeBytes, sha256 };
  }

  state(id: UploadId): UploadState {
    const answer = this.#answers.get(id);
    if (answer !== undefined) return { kind: "answered", answer };
    return { kind: this.#slow.includes(id) ? "pending" : "unknown" };
  }

  async wait(id: UploadId, signal: AbortSignal): Promise<Answer | null> {
    const known = this.#answers.get(id);
    if (known !== undefined && !signal.aborted) return known;
    if (known !== undefined) return known;
    if (signal.aborted) return null;
    const { promise, resolve } = Promise.withResolvers<Answer | null>();
    this.#waiting.set(id, resolve);
    signal.addEventListener("abort", () => resolve(null), { once: true });
    return await promise;
  }

  answerSlow(): void {
    for (const id of this.#slow.splice(0)) {
      this.#answers.set(id, answerTo(""));
      this.#waiting.get(id)?.(answerTo(""));
    }
  }
}

export function answerTo(text: string): Answer {
  const isBad = text.startsWith("bad");
  return answerSchema.parse({
    decision: text.startsWith("odd") ? "review" : isBad ? "quarantine" : "allow",
    rule: isBad
      ? { kind: "forbidden", label: "target", score: 0.9, threshold: 0.5 }
      : { kind: "nothing-forbidden" },
    unscannable: text.startsWith("odd") ? "not-an-image" : null,
    scores: text.startsWith("odd")
      ? []
      : ["target", "cat", "dog"].map((label, classId) => ({
          label,
          classId,
          score: isBad ? 0.9 - classId * 0.4 : 0.3,
        })),
    ensembleDigest: "d".repeat(64),
    classifiedAtMs: 1,
    decidedAtMs: 2,
  });
}

export interface OpenedApi {
  readonly url: string;
  readonly desk: TestDesk;
  readonly told: string[];
  /** Why something was not taken, in order. */
  readonly refusals: string[];
}

/** The API on a port of its own, in front of a desk in memory. */
export async function openApi(options: Partial<HttpServerOptions> = {}): Promise<OpenedApi> {
  const desk = new TestDesk();
  const told: string[] = [];
  const refusals: string[] = [];
  const server = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    tls: null,
    keys: [],
    limits: LIMITS,
    refusalStatus: 406,
    desk,
    references: {
      async open(root, path) {
        await Promise.resolve();
        return root === "uploads" && path === "a.jpg"
          ? (async function* () {
              yield Buffer.from("referenced");
            })()
          : null;
      },
    },
    events: {
      answered: ({ route, status }) => told.push(`${route} ${status}`),
      refused: ({ reason }) => refusals.push(reason),
      failed: (error) => told.push(String(error)),
    },
    ...options,
  });
  onTestFinished(async () => await server[Symbol.asyncDispose]());
  return { url: `http://127.0.0.1:${server.port}`, desk, told, refusals };
}

export function idOf(text: string): UploadId {
  return uploadIdSchema.parse(text);
}
