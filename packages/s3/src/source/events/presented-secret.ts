import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

const MAX_SECRET_CHARACTERS = 512;

/**
 * Whether a request brings the shared secret, in any of the places where senders can put one: `Authorization` with or without `Bearer` (MinIO), as the
 * password of `Basic` (SNS and Ceph, from the address), `X-Api-Key` (EventBridge), or `?secret=` in the address. It is known by its hash only,
 * which is compared in a time that tells nothing.
 */
export function hasSecret(
  { headers, url }: Pick<IncomingMessage, "headers" | "url">,
  secretSha256: string,
): boolean {
  const expected = Buffer.from(secretSha256, "hex");
  const presented = [
    ...fromAuthorization(headers.authorization),
    ...fromHeader(headers["x-api-key"]),
    ...fromAddress(url),
  ];
  return presented.some((secret) => {
    if (secret.length > MAX_SECRET_CHARACTERS) return false;
    return timingSafeEqual(createHash("sha256").update(secret).digest(), expected);
  });
}

function fromAuthorization(header = ""): string[] {
  const [, scheme = "", rest = ""] = /^(\S+)(?: (.+))?$/u.exec(header) ?? [];
  if (rest === "") return scheme === "" ? [] : [scheme];
  if (scheme.toLowerCase() === "bearer") return [rest];
  if (scheme.toLowerCase() !== "basic") return [];
  const text = Buffer.from(rest, "base64").toString("utf8");
  return [text.slice(text.indexOf(":") + 1)];
}

function fromHeader(header: string | string[] | undefined): string[] {
  return typeof header === "string" ? [header] : [];
}

function fromAddress(url = ""): string[] {
  const query = url.indexOf("?");
  return query === -1 ? [] : new URLSearchParams(url.slice(query)).getAll("secret").slice(0, 1);
}
