import { createHash } from "node:crypto";
import { request as plainRequest, type Agent, type IncomingMessage } from "node:http";
import { request as tlsRequest } from "node:https";
import { sha256Schema } from "@sluice/contracts";
import type { ReadResult } from "@sluice/inference";
import { HASH_HEADER, noBytesSchema } from "../object-answer.ts";

/** No answer that can be used: the same request may be sent again. */
export interface Trouble {
  readonly kind: "trouble";
  readonly detail: string;
}

export interface FetchOptions {
  readonly agent: Agent;
  /** Largest object that is taken. */
  readonly maxImageBytes: number;
  /** No byte for so long: trouble. */
  readonly stallTimeoutMs: number;
}

/** Asks once. Whatever goes wrong on the way is trouble; only a whole and proved answer of the endpoint counts. */
export async function fetchObject(
  url: URL,
  { agent, maxImageBytes, stallTimeoutMs }: FetchOptions,
): Promise<ReadResult | Trouble> {
  try {
    const response = await open(url, agent, stallTimeoutMs);
    if (response.statusCode !== 200) return await readNoBytes(response);
    const length = Number(response.headers["content-length"] ?? Number.NaN);
    if (!(length > 0)) return giveUp(response, "it does not say how many bytes come");
    if (length > maxImageBytes) {
      giveUp(response, "too many bytes");
      const detail = `${length} bytes, above worker.maxImageBytes = ${maxImageBytes}`;
      return { kind: "unscannable", reason: "too-many-bytes", detail };
    }
    return prove(await readWhole(response, length), response, length);
  } catch (error) {
    return { kind: "trouble", detail: describe(error) };
  }
}

async function open(url: URL, agent: Agent, stallTimeoutMs: number): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const send = url.protocol === "https:" ? tlsRequest : plainRequest;
  const request = send(url, { agent, timeout: stallTimeoutMs }, resolve);
  request.once("timeout", () => {
    request.destroy(new Error(`no byte for ${Math.round(stallTimeoutMs / 1000)} s`));
  });
  request.once("error", reject);
  request.end();
  return await promise;
}

async function readWhole(response: IncomingMessage, length: number): Promise<Buffer | null> {
  const bytes = Buffer.allocUnsafeSlow(length);
  let done = 0;
  for await (const chunk of response) {
    if (!Buffer.isBuffer(chunk) || done + chunk.length > length) return null;
    chunk.copy(bytes, done);
    done += chunk.length;
    giveBack(chunk);
  }
  return done === length ? bytes : null;
}

/**
 * Frees a piece that has been copied. It lies outside of the heap, where only a full collection would free it: 200 KB a picture ask for one
 * every few hundred pictures. Only memory that is nothing but this piece: a first piece shares it with the headers.
 */
function giveBack({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

function prove(
  bytes: Buffer | null,
  response: IncomingMessage,
  length: number,
): ReadResult | Trouble {
  if (bytes === null) return { kind: "trouble", detail: `the answer ended before ${length} bytes` };
  const sha256 = sha256Schema.parse(createHash("sha256").update(bytes).digest("hex"));
  if (response.headers[HASH_HEADER] === sha256) return { kind: "bytes", bytes, sha256 };
  return { kind: "trouble", detail: "the bytes are not those that were sent" };
}

/** A refusal has a reason that people need; an answer without bytes is short. */
const MAX_TEXT_BYTES = 4096;

async function readNoBytes(response: IncomingMessage): Promise<ReadResult | Trouble> {
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) {
    text += String(chunk);
    if (text.length > MAX_TEXT_BYTES) return giveUp(response, "it answers with something else");
  }
  const body = parseJson(text);
  const answer = noBytesSchema.safeParse(body);
  if (answer.success) return answer.data;
  const said = body !== null && typeof body === "object" && "error" in body ? body.error : "";
  const reason = typeof said === "string" && said !== "" ? said : "not an object endpoint?";
  return { kind: "trouble", detail: `${response.statusCode ?? 0}: ${reason}` };
}

function giveUp(response: IncomingMessage, detail: string): Trouble {
  response.destroy();
  return { kind: "trouble", detail };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // Whatever it is, the endpoint did not say it.
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
