import { HubResponseError } from "../model-hub-error.ts";

export interface Offer {
  /** Where in the file the body begins. */
  readonly offset: number;
  /** Of the whole file; null when the server does not say. */
  readonly totalBytes: number | null;
  /** What If-Range may carry next time. */
  readonly validator: string | null;
}

/** Headers that ask for the rest of a file, or the whole file when it has changed since. */
export function askFor(part: { bytes: number; validator: string | null } | null) {
  const headers: Record<string, string> = { "accept-encoding": "identity" };
  if (part === null) return headers;
  headers["range"] = `bytes=${part.bytes}-`;
  if (part.validator !== null) headers["if-range"] = part.validator;
  return headers;
}

/**
 * What a 200 or 206 answer holds.
 *
 * @throws HubResponseError when it is another part than was asked for, or compressed
 */
export function readOffer(response: Response, asked: number, name: string): Offer {
  const { headers, status } = response;
  const encoding = headers.get("content-encoding") ?? "identity";
  if (encoding !== "identity") {
    throw new HubResponseError(`${name}: the server sends it as ${encoding}, plain was asked for`);
  }
  const validator = validatorOf(headers);
  if (status === 200) return { offset: 0, totalBytes: lengthOf(headers), validator };
  const range = headers.get("content-range") ?? "";
  const [, first, total] = /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15}|\*)$/u.exec(range) ?? [];
  if (first === undefined || total === undefined || Number(first) !== asked) {
    throw new HubResponseError(
      `${name}: bytes from ${asked} on were asked for, the server sends "${range.slice(0, 100)}"`,
    );
  }
  const rest = lengthOf(headers);
  const known = rest === null ? null : asked + rest;
  return { offset: asked, totalBytes: total === "*" ? known : Number(total), validator };
}

function lengthOf(headers: Headers): number | null {
  const text = headers.get("content-length") ?? "";
  return /^\d{1,15}$/u.test(text) ? Number(text) : null;
}

/** A weak ETag promises no equal bytes, so If-Range may not carry it. */
function validatorOf(headers: Headers): string | null {
  const etag = headers.get("etag");
  if (etag !== null && !etag.startsWith("W/")) return etag;
  return headers.get("last-modified");
}
